#include "codec/yaml/layout_scan.hpp"

#include <algorithm>
#include <string>

#include "lib/json/parser.hpp"

namespace recentd::codec {

namespace {

// Room that the fixed parts of a record and the loads beyond them need.
constexpr std::ptrdiff_t k_margin = 256;

// First bytes of a plain path that need no second look.
constexpr std::array<bool, 256> k_easy_start = [] {
  std::array<bool, 256> table{};
  for (const char c :
       std::string_view("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_./+=$(;<")) {
    table[static_cast<unsigned char>(c)] = true;
  }
  return table;
}();

bool is_epoch_mark(char c) {
  return c == '.' || c == '+' || c == '-' || c == 'e' || c == 'E';
}

bool is_letter(char c) {
  const char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'z';
}

}  // namespace

LayoutScanner::LayoutScanner(Format format, std::string_view text, OddPaths& odd_paths, const Limits& limits)
    : format_(format),
      text_(text),
      odd_paths_(odd_paths),
      recorded_(text, limits),
      path_bytes_max_(std::min<std::size_t>(limits.path_bytes, UINT32_MAX)),
      epoch_bytes_max_(limits.epoch_bytes) {
  const auto size = static_cast<std::ptrdiff_t>(text.size());
  safe_end_ = size > k_margin ? text.data() + (size - k_margin) : text.data();
  if (format == Format::json) return;
  // The reference's layout, quoted epochs; learn() needs offsets into text_, so it is spelled out here.
  static constexpr std::string_view k_sample = "  - \n    epoch: '1'\n    path: a\n    type: new\n";
  first_.assign(k_sample.data(), 17);
  between_[0].assign(k_sample.data() + 18, 12);
  between_[1].assign(k_sample.data() + 31, 11);
  join_.assign("\n  - \n    epoch: '", 18);
  tail_bytes_ = 1;
  plain_flags_ = EventRow::k_plain | EventRow::k_verbatim;
}

void LayoutScanner::learn(const RecordShape& shape) {
  if (!shape.regular || shape.count != 3) return;
  const auto& v = shape.values;
  const std::size_t head = v[0].begin - shape.begin;
  const std::size_t tail = shape.end - v[2].end;
  if (head + tail > Pattern::k_max || v[1].begin - v[0].end > Pattern::k_max ||
      v[2].begin - v[1].end > Pattern::k_max) {
    return;
  }
  for (std::size_t i = 0; i < 3; ++i) order_[i] = v[i].field;
  const char* const text = text_.data();
  first_.assign(text + shape.begin, head);
  for (std::size_t i = 0; i < 2; ++i) between_[i].assign(text + v[i].end, v[i + 1].begin - v[i].end);
  const std::string join = std::string(text + v[2].end, tail) + std::string(text + shape.begin, head);
  join_.assign(join.data(), join.size());
  tail_bytes_ = tail;
  plain_flags_ = EventRow::k_plain;
}

const char* LayoutScanner::odd_path(const char* p, EventRow& row) {
  std::string_view path;
  std::size_t end = 0;
  if (!odd_paths_.read(static_cast<std::size_t>(p - text_.data()), path, end)) return nullptr;
  if (path.size() > path_bytes_max_ || text_.data() + end >= safe_end_) return nullptr;
  row.path_text = path.data();
  row.path_bytes = static_cast<std::uint32_t>(path.size());
  row.flags = is_plain_path(path) ? EventRow::k_plain : std::uint8_t{0};
  return text_.data() + end;
}

// More digits than the quick decoder takes.
const char* LayoutScanner::odd_epoch(const char* p, EventRow& row) {
  const char* end = p;
  const char* const stop = p + std::min<std::ptrdiff_t>(safe_end_ - p, UINT16_MAX + 1);
  while (end < stop && ((*end >= '0' && *end <= '9') || is_epoch_mark(*end))) ++end;
  const auto size = static_cast<std::size_t>(end - p);
  if (end >= safe_end_ || size > epoch_bytes_max_ || size > UINT16_MAX) return nullptr;
  if (format_ == Format::json && !json::is_number({p, size})) return nullptr;
  // One that has an exponent is given another spelling, elsewhere.
  const auto epoch = has_exponent({p, size}) ? std::nullopt : EpochView::parse({p, size});
  if (!epoch) return nullptr;
  row.key = epoch->key;
  row.epoch_text = p;
  row.epoch_bytes = static_cast<std::uint16_t>(size);
  return end;
}

template <Format K>
inline const char* LayoutScanner::epoch_value(const char* p, EventRow& row) {
  // JSON has no numbers with leading zeros; whether this one is in quotes is not known here.
  if (K == Format::json && *p == '0') return nullptr;
  const char* const end = scan_epoch(p, row.key);
  if (end == nullptr || (*end | 0x20) == 'e') return odd_epoch(p, row);
  if (static_cast<std::size_t>(end - p) > epoch_bytes_max_) return nullptr;
  row.epoch_text = p;
  row.epoch_bytes = static_cast<std::uint16_t>(end - p);
  return end;
}

template <Format K>
inline const char* LayoutScanner::path_value(const char* p, EventRow& row) {
  if (!k_easy_start[static_cast<unsigned char>(*p)]) return odd_path(p, row);
  const char* q = p;
  unsigned stops;
  while ((stops = K == Format::json ? json_path_stops(q) : path_stops(q)) == 0) {
    q += 16;
    if (q >= safe_end_ || static_cast<std::size_t>(q - p) > path_bytes_max_) return nullptr;
  }
  q += std::countr_zero(stops);
  if (K == Format::json ? *q != '"' : *q != '\n' && *q != '\r') return odd_path(p, row);
  const auto size = static_cast<std::size_t>(q - p);
  if (size > path_bytes_max_) return nullptr;
  row.path_text = p;
  row.path_bytes = static_cast<std::uint32_t>(size);
  const bool plain = (size > 8 && is_letter(*p)) || is_plain_path({p, size});
  row.flags = plain ? plain_flags_ : std::uint8_t{0};
  return q;
}

template <Format K, RecordShape::Field F>
inline const char* LayoutScanner::value(const char* p, EventRow& row) {
  if constexpr (F == Field::epoch) {
    return epoch_value<K>(p, row);
  } else if constexpr (F == Field::path) {
    return path_value<K>(p, row);
  } else {
    if (std::memcmp(p, "new", 3) == 0) {
      row.type = EventType::new_;
      return p + 3;
    }
    if (std::memcmp(p, "delete", 6) != 0) return nullptr;
    row.type = EventType::delete_;
    return p + 6;
  }
}

template <Format K, RecordShape::Field A, RecordShape::Field B, RecordShape::Field C>
std::size_t LayoutScanner::scan_ordered(const char*& record, std::span<EventRow> out) {
  if (record >= safe_end_ || !first_.matches(record)) return 0;
  const char* p = record + first_.size();
  std::size_t count = 0;
  while (count < out.size()) {
    EventRow& row = out[count];
    if ((p = value<K, A>(p, row)) == nullptr || !between_[0].matches(p)) break;
    if ((p = value<K, B>(p + between_[0].size(), row)) == nullptr || !between_[1].matches(p)) break;
    // Only a record that another one follows is surely complete: a further key may come.
    if ((p = value<K, C>(p + between_[1].size(), row)) == nullptr || !join_.matches(p)) break;
    record = p + tail_bytes_;
    p += join_.size();
    ++count;
    if (p >= safe_end_) break;
  }
  return count;
}

template <Format K>
std::size_t LayoutScanner::scan_format(const char*& record, std::span<EventRow> out) {
  constexpr auto e = Field::epoch, p = Field::path, t = Field::type;
  if (order_[0] == e) {
    return order_[1] == p ? scan_ordered<K, e, p, t>(record, out) : scan_ordered<K, e, t, p>(record, out);
  }
  if (order_[0] == p) {
    return order_[1] == e ? scan_ordered<K, p, e, t>(record, out) : scan_ordered<K, p, t, e>(record, out);
  }
  return order_[1] == e ? scan_ordered<K, t, e, p>(record, out) : scan_ordered<K, t, p, e>(record, out);
}

std::size_t LayoutScanner::scan(std::size_t& at, std::span<EventRow> out) {
  if (first_.size() == 0) return 0;
  const char* record = text_.data() + at;
  auto count = format_ == Format::json ? scan_format<Format::json>(record, out)
                                       : scan_format<Format::yaml>(record, out);
  if (format_ == Format::yaml && count < out.size()) count += recorded_.scan(record, out.subspan(count));
  at = static_cast<std::size_t>(record - text_.data());
  return count;
}

}  // namespace recentd::codec
