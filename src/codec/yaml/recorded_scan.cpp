#include "codec/yaml/recorded_scan.hpp"

#include <algorithm>
#include <cstring>

#include "codec/row_maker.hpp"
#include "codec/scan16.hpp"
#include "codec/yaml/scalar_style.hpp"

namespace recentd::codec {

namespace {

// Room that the fixed parts of a record and the loads beyond them need.
constexpr std::ptrdiff_t k_margin = 256;
constexpr std::size_t k_digest_digits = 64;
constexpr std::ptrdiff_t k_unquoted_max = 9;  // longer numbers are quoted
constexpr std::size_t k_longest_word = 8;     // of those that have a meaning in YAML

bool is_letter(char c) noexcept {
  const char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'z';
}

template <std::size_t N>
inline bool take(const char*& p, const char (&word)[N]) noexcept {
  if (std::memcmp(p, word, N - 1) != 0) return false;
  p += N - 1;
  return true;
}

inline unsigned digits_at(const char* p) noexcept {
  return static_cast<unsigned>(std::countr_zero(non_digits(p) | 0x10000U));
}

inline const char* digest_end(const char* p) noexcept {
  for (std::size_t at = 0; at < k_digest_digits; at += 16)
    if (non_hex_digits(p + at) != 0) return nullptr;
  return p + k_digest_digits;
}

// A number of at most 15 digits on each side of its dot, in the style that the writer gives it; nullptr for
// anything else.
inline const char* number_end(const char* p) noexcept {
  const bool quoted = *p == '\'';
  if (quoted) ++p;
  const char* const begin = p;
  const unsigned whole = digits_at(p);
  if (whole == 0 || whole == 16) return nullptr;
  p += whole;
  if (*p == '.') {
    const unsigned places = digits_at(++p);
    if (places == 0 || places == 16) return nullptr;
    p += places;
  }
  const bool in_quotes = p - begin > k_unquoted_max ||
                         style_of_number({begin, static_cast<std::size_t>(p - begin)}) != ScalarStyle::plain;
  if (quoted != in_quotes) return nullptr;
  if (quoted && *p++ != '\'') return nullptr;
  return p;
}

}  // namespace

RecordedScanner::RecordedScanner(std::string_view text, const Limits& limits)
    : path_bytes_max_(std::min<std::size_t>(limits.path_bytes, UINT32_MAX)),
      epoch_bytes_max_(limits.epoch_bytes),
      safe_end_(text.data() +
                std::max<std::ptrdiff_t>(static_cast<std::ptrdiff_t>(text.size()) - k_margin, 0)) {}

// Only a path that is its own spelling: the record is found again from where it stands.
inline const char* RecordedScanner::path(const char* p, EventRow& row) const {
  const char* q = p;
  unsigned stops;
  while ((stops = path_stops(q)) == 0) {
    q += 16;
    if (q >= safe_end_) return nullptr;
  }
  q += std::countr_zero(stops);
  const auto size = static_cast<std::size_t>(q - p);
  if (*q != '\n' || q >= safe_end_ || size > path_bytes_max_) return nullptr;
  if (!(size > k_longest_word && is_letter(*p)) && !is_plain_path({p, size})) return nullptr;
  row.path_text = p;
  row.path_bytes = static_cast<std::uint32_t>(size);
  return q;
}

// From behind the dash's line and its indentation to behind the type; nullptr if anything is unusual.
inline const char* RecordedScanner::read(const char* p, EventRow& row) const {
  row.flags = EventRow::k_plain | EventRow::k_verbatim;
  if (take(p, "digest: blake2b-256:")) {
    if ((p = digest_end(p)) == nullptr || !take(p, "\n    ")) return nullptr;
    row.flags |= EventRow::k_recorded;
  }
  if (!take(p, "epoch: '")) return nullptr;
  const char* const epoch = p;
  if ((p = scan_epoch(epoch, row.key)) == nullptr) return nullptr;
  const auto epoch_bytes = static_cast<std::size_t>(p - epoch);
  if (epoch_bytes > epoch_bytes_max_ || !take(p, "'\n    ")) return nullptr;
  row.epoch_text = epoch;
  row.epoch_bytes = static_cast<std::uint16_t>(epoch_bytes);
  if (take(p, "mtime: ")) {
    if ((p = number_end(p)) == nullptr || !take(p, "\n    ")) return nullptr;
    row.flags |= EventRow::k_recorded;
  }
  if (!take(p, "path: ") || (p = path(p, row)) == nullptr || !take(p, "\n    ")) return nullptr;
  if (take(p, "size: ")) {
    if ((p = number_end(p)) == nullptr || !take(p, "\n    ")) return nullptr;
    row.flags |= EventRow::k_recorded;
  }
  if (take(p, "type: new\n")) {
    row.type = EventType::new_;
  } else if (take(p, "type: delete\n")) {
    row.type = EventType::delete_;
  } else {
    return nullptr;
  }
  return p;
}

std::size_t RecordedScanner::scan(const char*& record, std::span<EventRow> out) const {
  std::size_t count = 0;
  const char* p = record;
  while (count < out.size() && p < safe_end_ && take(p, "  - \n    ")) {
    p = read(p, out[count]);
    // Only a record that another one follows is surely complete: a further key may come.
    if (p == nullptr || std::memcmp(p, "  - \n", 5) != 0) break;
    record = p;
    ++count;
  }
  return count;
}

}  // namespace recentd::codec
