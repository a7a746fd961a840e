#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include <recentd/epoch.hpp>

namespace recentd::codec {

// Sixteen bytes at a time: the inner steps of the index scanner, with SSE2 where the CPU has it (every
// x86-64) and in plain C++ elsewhere. All of them read 16 bytes whatever they return: the caller guarantees
// that these exist.

// A bit for each byte that ends a safe plain path: blanks and controls, `:`, `#`, 0x7F, and 0x80 and above.
inline unsigned path_stops(const char* bytes) noexcept {
#ifdef __SSE2__
  const __m128i v = _mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes));
  const __m128i low_or_high = _mm_cmplt_epi8(v, _mm_set1_epi8(0x21));  // signed: 0x80 and above are negative
  const __m128i marks =
      _mm_or_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8(':')), _mm_cmpeq_epi8(v, _mm_set1_epi8('#')));
  const __m128i rub_out = _mm_cmpeq_epi8(v, _mm_set1_epi8(0x7F));
  return static_cast<unsigned>(_mm_movemask_epi8(_mm_or_si128(_mm_or_si128(low_or_high, marks), rub_out)));
#else
  unsigned mask = 0;
  for (unsigned i = 0; i < 16; ++i) {
    const auto c = static_cast<unsigned char>(bytes[i]);
    if (c < 0x21 || c >= 0x7F || c == ':' || c == '#') mask |= 1U << i;
  }
  return mask;
#endif
}

// The same, and the quote and the backslash, which end a path or mean more in JSON.
inline unsigned json_path_stops(const char* bytes) noexcept {
#ifdef __SSE2__
  const __m128i v = _mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes));
  const __m128i marks =
      _mm_or_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8('"')), _mm_cmpeq_epi8(v, _mm_set1_epi8('\\')));
  return path_stops(bytes) | static_cast<unsigned>(_mm_movemask_epi8(marks));
#else
  unsigned mask = path_stops(bytes);
  for (unsigned i = 0; i < 16; ++i) {
    if (bytes[i] == '"' || bytes[i] == '\\') mask |= 1U << i;
  }
  return mask;
#endif
}

// A bit for each line feed that neither a blank nor a dash follows. Reads 17 bytes.
inline unsigned left_edges(const char* bytes) noexcept {
#ifdef __SSE2__
  const __m128i v = _mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes));
  const __m128i next = _mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes + 1));
  const __m128i inner =
      _mm_or_si128(_mm_cmpeq_epi8(next, _mm_set1_epi8(' ')), _mm_cmpeq_epi8(next, _mm_set1_epi8('-')));
  return static_cast<unsigned>(
      _mm_movemask_epi8(_mm_andnot_si128(inner, _mm_cmpeq_epi8(v, _mm_set1_epi8('\n')))));
#else
  unsigned mask = 0;
  for (unsigned i = 0; i < 16; ++i) {
    if (bytes[i] == '\n' && bytes[i + 1] != ' ' && bytes[i + 1] != '-') mask |= 1U << i;
  }
  return mask;
#endif
}

// A bit for each byte that is no digit.
inline unsigned non_digits(const char* bytes) noexcept {
#ifdef __SSE2__
  const __m128i v =
      _mm_sub_epi8(_mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes)), _mm_set1_epi8('0'));
  const __m128i digits = _mm_cmpeq_epi8(_mm_min_epu8(v, _mm_set1_epi8(9)), v);
  return ~static_cast<unsigned>(_mm_movemask_epi8(digits)) & 0xFFFFU;
#else
  unsigned mask = 0;
  for (unsigned i = 0; i < 16; ++i) {
    if (bytes[i] < '0' || bytes[i] > '9') mask |= 1U << i;
  }
  return mask;
#endif
}

// A bit for each byte that is neither a digit nor one of `a` to `f`.
inline unsigned non_hex_digits(const char* bytes) noexcept {
#ifdef __SSE2__
  const __m128i v =
      _mm_sub_epi8(_mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes)), _mm_set1_epi8('a'));
  const __m128i letters = _mm_cmpeq_epi8(_mm_min_epu8(v, _mm_set1_epi8(5)), v);
  return non_digits(bytes) & ~static_cast<unsigned>(_mm_movemask_epi8(letters));
#else
  unsigned mask = non_digits(bytes);
  for (unsigned i = 0; i < 16; ++i) {
    if (bytes[i] >= 'a' && bytes[i] <= 'f') mask &= ~(1U << i);
  }
  return mask;
#endif
}

// Up to 32 known bytes, compared at once.
class Pattern {
 public:
  static constexpr std::size_t k_max = 32;

  // Precondition: size <= k_max.
  void assign(const char* bytes, std::size_t size) noexcept {
    size_ = size;
    std::memset(text_, 0, sizeof text_);
    if (size > 0) std::memcpy(text_, bytes, size);
    const std::size_t first = size < 16 ? size : 16;
    mask_ = static_cast<unsigned>((1U << first) - 1U);
    // The second load overlaps the first one and ends where the pattern ends.
    if (size > 16) std::memcpy(end_, text_ + size - 16, 16);
  }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }

  // Reads 16 bytes, or size() if that is more.
  [[nodiscard]] bool matches(const char* bytes) const noexcept {
    if ((equal(bytes, text_) & mask_) != mask_) return false;
    return size_ <= 16 || equal(bytes + size_ - 16, end_) == 0xFFFFU;
  }

 private:
  static unsigned equal(const char* a, const char* b) noexcept {
#ifdef __SSE2__
    const __m128i x = _mm_loadu_si128(reinterpret_cast<const __m128i*>(a));
    const __m128i y = _mm_loadu_si128(reinterpret_cast<const __m128i*>(b));
    return static_cast<unsigned>(_mm_movemask_epi8(_mm_cmpeq_epi8(x, y)));
#else
    unsigned mask = 0;
    for (unsigned i = 0; i < 16; ++i) mask |= static_cast<unsigned>(a[i] == b[i]) << i;
    return mask;
#endif
  }

  std::size_t size_ = 0;
  unsigned mask_ = 0;
  char text_[k_max] = {};
  char end_[16] = {};
};

// The value of n digits, 1 <= n <= 8; reads 8 bytes.
[[gnu::always_inline]] inline std::uint64_t short_digits_value(const char* digits, unsigned n) noexcept {
  if constexpr (std::endian::native == std::endian::little) {
    std::uint64_t word;
    std::memcpy(&word, digits, sizeof word);
    word <<= 8 * (8 - n);
    word = (word & 0x0F0F0F0F0F0F0F0F) * 2561 >> 8;
    word = (word & 0x00FF00FF00FF00FF) * 6553601 >> 16;
    return (word & 0x0000FFFF0000FFFF) * 42949672960001 >> 32;
  } else {
    std::uint64_t value = 0;
    for (unsigned i = 0; i < n; ++i) value = value * 10 + static_cast<unsigned>(digits[i] - '0');
    return value;
  }
}

// The same for 1 <= n <= 16.
inline std::uint64_t digits_value(const char* digits, unsigned n) noexcept {
  if (n <= 8) return short_digits_value(digits, n);
  return short_digits_value(digits, n - 8) * 100000000 + short_digits_value(digits + n - 8, 8);
}

// 10 to the power of i.
inline constexpr auto k_powers_of_ten = [] {
  std::array<std::uint64_t, 19> powers{1};
  for (std::size_t i = 1; i < powers.size(); ++i) powers[i] = powers[i - 1] * 10;
  return powers;
}();

// Decodes digits[.digits] with at most 15 digits on each side and returns its end; nullptr for anything else.
// Reads up to 48 bytes.
inline const char* scan_any_epoch(const char* text, EpochKey& key) noexcept {
  const unsigned whole = static_cast<unsigned>(std::countr_zero(non_digits(text) | 0x10000U));
  if (whole == 0 || whole == 16) return nullptr;
  key.seconds = static_cast<std::int64_t>(digits_value(text, whole));
  key.fraction = 0;
  text += whole;
  if (*text != '.') return text;
  ++text;
  const unsigned places = static_cast<unsigned>(std::countr_zero(non_digits(text) | 0x10000U));
  if (places == 0 || places == 16) return nullptr;
  key.fraction = digits_value(text, places) * k_powers_of_ten[18 - places] * 2;
  return text + places;
}

// The same, quickest for ten digits, a dot, and one to eight digits.
[[gnu::always_inline]] inline const char* scan_epoch(const char* text, EpochKey& key) noexcept {
  constexpr unsigned k_whole = 10;
  const unsigned places = static_cast<unsigned>(std::countr_zero(non_digits(text + k_whole + 1) | 0x10000U));
  const bool usual = (non_digits(text) & 0x7FFU) == 1U << k_whole && text[k_whole] == '.';
  if (!usual || places == 0 || places > 8) return scan_any_epoch(text, key);
  const auto head = short_digits_value(text, 8);
  const auto tail = static_cast<unsigned>(text[8] - '0') * 10U + static_cast<unsigned>(text[9] - '0');
  key.seconds = static_cast<std::int64_t>(head * 100 + tail);
  key.fraction = short_digits_value(text + k_whole + 1, places) * (k_powers_of_ten[18 - places] * 2);
  return text + k_whole + 1 + places;
}

}  // namespace recentd::codec
