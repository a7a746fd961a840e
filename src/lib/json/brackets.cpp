#include "lib/json/brackets.hpp"

#include <cstring>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace recentd::json {

namespace {

struct Masks {
  std::uint64_t quotes = 0, backslashes = 0, opens = 0, closes = 0;
};

// Bit 0x20 is all that tells `[` from `{` and `]` from `}`.
#ifdef __SSE2__
Masks look_at(const char* block) {
  Masks masks;
  for (unsigned i = 0; i < 64; i += 16) {
    const __m128i v = _mm_loadu_si128(reinterpret_cast<const __m128i*>(block + i));
    const __m128i lower = _mm_or_si128(v, _mm_set1_epi8(0x20));
    const auto bits = [&](__m128i bytes, char c) {
      return static_cast<std::uint64_t>(
                 static_cast<unsigned>(_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, _mm_set1_epi8(c)))))
             << i;
    };
    masks.quotes |= bits(v, '"');
    masks.backslashes |= bits(v, '\\');
    masks.opens |= bits(lower, '{');
    masks.closes |= bits(lower, '}');
  }
  return masks;
}
#else
Masks look_at(const char* block) {
  Masks masks;
  for (unsigned i = 0; i < 64; ++i) {
    const auto bit = std::uint64_t{1} << i;
    const char lower = static_cast<char>(block[i] | 0x20);
    if (block[i] == '"') masks.quotes |= bit;
    if (block[i] == '\\') masks.backslashes |= bit;
    if (lower == '{') masks.opens |= bit;
    if (lower == '}') masks.closes |= bit;
  }
  return masks;
}
#endif

// Each bit becomes the parity of the bits up to it.
std::uint64_t parity_so_far(std::uint64_t bits) {
  for (unsigned shift = 1; shift < 64; shift *= 2) bits ^= bits << shift;
  return bits;
}

}  // namespace

std::uint64_t Brackets::escaped(std::uint64_t backslashes) {
  std::uint64_t result = escape_pending_ ? 1 : 0;
  backslashes &= ~result;
  escape_pending_ = false;
  while (backslashes != 0) {
    const auto bit = backslashes & (~backslashes + 1);
    const auto next = bit << 1;
    if (next == 0) escape_pending_ = true;
    result |= next;
    backslashes &= ~(bit | next);
  }
  return result;
}

bool Brackets::load() {
  if (base_ >= text_.size()) return false;
  char last[k_block];
  const char* block = text_.data() + base_;
  if (text_.size() - base_ < k_block) {
    std::memset(last, ' ', sizeof last);
    std::memcpy(last, block, text_.size() - base_);
    block = last;
  }
  base_ += k_block;
  Masks masks = look_at(block);
  if (masks.backslashes != 0 || escape_pending_) masks.quotes &= ~escaped(masks.backslashes);
  const auto inside = parity_so_far(masks.quotes) ^ in_string_;
  in_string_ = (inside >> 63) != 0 ? ~std::uint64_t{0} : 0;
  opens_ = masks.opens & ~inside;
  all_ = (masks.opens | masks.closes) & ~inside;
  return true;
}

}  // namespace recentd::json
