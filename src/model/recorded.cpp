#include "model/recorded.hpp"

#include "base/text.hpp"

namespace recentd {

namespace {

constexpr std::string_view k_start = "  - \n", k_indent = "    ";
constexpr std::string_view k_mtime = "mtime: ", k_size = "size: ", k_type = "type: ";
constexpr std::string_view k_epoch_head = "    epoch: '", k_path_head = "    path: ";
constexpr std::size_t k_digest_bytes = 12 + 64;  // `blake2b-256:` and hexadecimal digits
constexpr std::size_t k_digest_head_bytes = 4 + 8;

std::string_view unquoted(std::string_view text) noexcept {
  return text.front() == '\'' ? text.substr(1, text.size() - 2) : text;
}

Agreement agreement(bool same) noexcept {
  return same ? Agreement::same : Agreement::differs;
}

// Where the line begins that the line feed before `end` ends.
const char* line_before(const char* end) noexcept {
  do --end;
  while (end[-1] != '\n');
  return end;
}

bool begins(const char* text, std::string_view word) noexcept {
  return std::string_view(text, word.size()) == word;
}

// Behind a line's dash stands a blank, behind a digest a digit of it.
bool digest_ends_at(const char* line) noexcept {
  return line[-2] != ' ';
}

const char* end_of_line(const char* at) noexcept {
  while (*at != '\n') ++at;
  return at;
}

}  // namespace

Recorded recorded_around(const EventRow& row) noexcept {
  Recorded found;
  const char* line = row.path_text - k_path_head.size();
  const char* const before = line_before(line);
  if (begins(before + k_indent.size(), k_mtime)) {
    const char* const text = before + k_indent.size() + k_mtime.size();
    found.mtime = unquoted({text, static_cast<std::size_t>(line - 1 - text)});
    line = line_before(before);
  } else {
    line = before;
  }
  if (digest_ends_at(line)) found.digest = {line - 1 - k_digest_bytes, k_digest_bytes};
  const char* const after = row.path_text + row.path_bytes + 1 + k_indent.size();
  if (begins(after, k_size)) {
    const char* const text = after + k_size.size();
    found.size = unquoted({text, static_cast<std::size_t>(end_of_line(text) - text)});
  }
  return found;
}

EventDetails details_around(const EventRow& row) {
  const Recorded found = recorded_around(row);
  EventDetails details;
  if (!found.digest.empty()) details.extras.emplace_back("digest", found.digest);
  if (!found.mtime.empty()) details.extras.emplace_back("mtime", found.mtime);
  if (!found.size.empty()) details.extras.emplace_back("size", found.size);
  return details;
}

Recorded recorded_of(const EventList& events, const EventRow& row) {
  if ((row.flags & EventRow::k_recorded) != 0) return recorded_around(row);
  Recorded found;
  const EventDetails* const details = events.details(row);
  if (details == nullptr) return found;
  for (const auto& [key, text] : details->extras) {
    if (key == "digest") found.digest = text;
    if (key == "mtime") found.mtime = text;
    if (key == "size") found.size = text;
    if (key == "link") found.link = text;
  }
  return found;
}

Agreement agrees_in_size(const Recorded& recorded, std::uint64_t size_bytes) noexcept {
  const auto size = parse_unsigned(recorded.size);
  return size ? agreement(*size == size_bytes) : Agreement::unknown;
}

Agreement agrees_in_time(const Recorded& recorded, std::int64_t mtime_s, std::uint32_t mtime_ns) noexcept {
  const auto mtime = recorded.mtime.empty() ? std::nullopt : EpochView::parse(recorded.mtime);
  if (!mtime) return Agreement::unknown;
  // A key's fraction counts half units of the 18th digit; times before 1970 are not recorded.
  return agreement(mtime_s >= 0 && mtime->key == EpochKey{mtime_s, mtime_ns * std::uint64_t{2'000'000'000}});
}

std::optional<std::chrono::nanoseconds> mtime_of(const Recorded& recorded) noexcept {
  constexpr std::int64_t k_latest_s = 9'000'000'000;  // nanoseconds would not fit far behind it
  const auto mtime = recorded.mtime.empty() ? std::nullopt : EpochView::parse(recorded.mtime);
  if (!mtime || mtime->key.seconds < 0 || mtime->key.seconds > k_latest_s) return std::nullopt;
  return std::chrono::seconds(mtime->key.seconds) +
         std::chrono::nanoseconds(mtime->key.fraction / 2'000'000'000);
}

std::string_view record_text(const EventRow& row) noexcept {
  const char* begin = row.epoch_text - k_epoch_head.size();
  if (digest_ends_at(begin)) begin -= k_digest_head_bytes + k_digest_bytes + 1;
  begin -= k_start.size();
  const char* end = row.path_text + row.path_bytes + 1 + k_indent.size();
  if ((row.flags & EventRow::k_recorded) != 0 && *end == k_size.front())
    end = end_of_line(end) + 1 + k_indent.size();
  end += k_type.size() + (row.type == EventType::new_ ? 3 : 6) + 1;
  return {begin, static_cast<std::size_t>(end - begin)};
}

}  // namespace recentd
