#include "codec/layout_scan.hpp"

#include <algorithm>
#include <string>

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

bool is_letter(char c) {
  const char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'z';
}

}  // namespace

LayoutScanner::LayoutScanner(std::string_view text, BlockParser& values, const Limits& limits)
    : text_(text),
      values_(values),
      path_bytes_max_(std::min<std::size_t>(limits.path_bytes, UINT32_MAX)),
      epoch_bytes_max_(limits.epoch_bytes) {
  const auto size = static_cast<std::ptrdiff_t>(text.size());
  safe_end_ = size > k_margin ? text.data() + (size - k_margin) : text.data();
  static constexpr std::string_view k_sample = "  - \n    epoch: '1'\n    path: a\n    type: new\n";
  // The reference's layout, quoted epochs; learn() needs offsets into text_, so it is spelled out here.
  first_.assign(k_sample.data(), 17);
  between_[0].assign(k_sample.data() + 18, 12);
  between_[1].assign(k_sample.data() + 31, 11);
  join_.assign("\n  - \n    epoch: '", 18);
  tail_bytes_ = 1;
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
}

// A quoted path, or one with blanks, marks or bytes that are not ASCII: the block parser's rules for one
// value.
const char* LayoutScanner::odd_path(const char* p, EventRow& row) {
  const std::size_t begin = static_cast<std::size_t>(p - text_.data());
  const std::size_t line_end = text_.find('\n', begin);
  if (line_end == std::string_view::npos || text_.data() + line_end >= safe_end_) return nullptr;
  std::size_t end = line_end;
  if (end > begin && text_[end - 1] == '\r') --end;
  std::string_view path;
  if (!values_.try_whole_scalar(begin, end, path) || path.size() > path_bytes_max_) return nullptr;
  row.path_text = path.data();
  row.path_bytes = static_cast<std::uint32_t>(path.size());
  row.flags = is_plain_path(path) ? EventRow::k_plain : std::uint8_t{0};
  return text_.data() + end;
}

inline const char* LayoutScanner::path_value(const char* p, EventRow& row) {
  if (!k_easy_start[static_cast<unsigned char>(*p)]) return odd_path(p, row);
  const char* q = p;
  unsigned stops;
  while ((stops = path_stops(q)) == 0) {
    q += 16;
    if (q >= safe_end_) return nullptr;
  }
  q += std::countr_zero(stops);
  if (*q != '\n' && *q != '\r') return odd_path(p, row);
  const auto size = static_cast<std::size_t>(q - p);
  if (size > path_bytes_max_) return nullptr;
  row.path_text = p;
  row.path_bytes = static_cast<std::uint32_t>(size);
  const bool plain = (size > 8 && is_letter(*p)) || is_plain_path({p, size});
  row.flags = plain ? EventRow::k_plain : std::uint8_t{0};
  return q;
}

template <RecordShape::Field F>
inline const char* LayoutScanner::value(const char* p, EventRow& row) {
  if constexpr (F == Field::epoch) {
    const char* const end = scan_epoch(p, row.key);
    if (end == nullptr || static_cast<std::size_t>(end - p) > epoch_bytes_max_) return nullptr;
    row.epoch_text = p;
    row.epoch_bytes = static_cast<std::uint16_t>(end - p);
    return end;
  } else if constexpr (F == Field::path) {
    return path_value(p, row);
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

template <RecordShape::Field A, RecordShape::Field B, RecordShape::Field C>
std::size_t LayoutScanner::scan_ordered(const char*& record, std::span<EventRow> out) {
  if (record >= safe_end_ || !first_.matches(record)) return 0;
  const char* p = record + first_.size();
  std::size_t count = 0;
  while (count < out.size()) {
    EventRow& row = out[count];
    if ((p = value<A>(p, row)) == nullptr || !between_[0].matches(p)) break;
    if ((p = value<B>(p + between_[0].size(), row)) == nullptr || !between_[1].matches(p)) break;
    // Only a record that another one follows is surely complete: a further key may come.
    if ((p = value<C>(p + between_[1].size(), row)) == nullptr || !join_.matches(p)) break;
    record = p + tail_bytes_;
    p += join_.size();
    ++count;
    if (p >= safe_end_) break;
  }
  return count;
}

std::size_t LayoutScanner::scan(std::size_t& at, std::span<EventRow> out) {
  constexpr auto e = Field::epoch, p = Field::path, t = Field::type;
  const char* record = text_.data() + at;
  std::size_t count = 0;
  if (order_[0] == e) {
    count = order_[1] == p ? scan_ordered<e, p, t>(record, out) : scan_ordered<e, t, p>(record, out);
  } else if (order_[0] == p) {
    count = order_[1] == e ? scan_ordered<p, e, t>(record, out) : scan_ordered<p, t, e>(record, out);
  } else {
    count = order_[1] == e ? scan_ordered<t, e, p>(record, out) : scan_ordered<t, p, e>(record, out);
  }
  at = static_cast<std::size_t>(record - text_.data());
  return count;
}

}  // namespace recentd::codec
