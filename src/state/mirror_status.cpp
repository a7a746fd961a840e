#include "state/mirror_status.hpp"

#include <array>
#include <limits>
#include <utility>

#include "base/text.hpp"

namespace recentd::state {
namespace {

constexpr std::string_view k_status_magic = "recentd-status 1\n";

template <class Type>
using Field = std::pair<std::string_view, Type MirrorStatus::*>;

constexpr std::array<Field<std::string>, 5> k_texts = {{{"source", &MirrorStatus::source},
                                                        {"level", &MirrorStatus::level},
                                                        {"newest", &MirrorStatus::newest},
                                                        {"alarm", &MirrorStatus::alarm},
                                                        {"trouble", &MirrorStatus::trouble}}};
constexpr std::array<Field<std::int64_t>, 8> k_times = {{{"begun", &MirrorStatus::begun_s},
                                                         {"noted", &MirrorStatus::noted_s},
                                                         {"answered", &MirrorStatus::answered_s},
                                                         {"news", &MirrorStatus::news_s},
                                                         {"current", &MirrorStatus::current_s},
                                                         {"next", &MirrorStatus::next_s},
                                                         {"working", &MirrorStatus::working_s},
                                                         {"trouble-since", &MirrorStatus::trouble_since_s}}};
constexpr std::array<Field<std::uint64_t>, 7> k_counts = {{{"settled", &MirrorStatus::settled},
                                                           {"open", &MirrorStatus::open},
                                                           {"held-deletes", &MirrorStatus::held_deletes},
                                                           {"held-of", &MirrorStatus::held_of},
                                                           {"known-missing", &MirrorStatus::known_missing},
                                                           {"failed-deletes", &MirrorStatus::failed_deletes},
                                                           {"failures", &MirrorStatus::failures}}};
constexpr std::array<Field<bool>, 2> k_flags = {
    {{"follows", &MirrorStatus::follows}, {"up-to-date", &MirrorStatus::up_to_date}}};

// The field of a key, or nullptr.
template <class Fields>
auto field_of(const Fields& fields, std::string_view key) -> decltype(&fields[0]) {
  for (const auto& field : fields)
    if (field.first == key) return &field;
  return nullptr;
}

// False for a number that is none.
bool read_line(MirrorStatus& status, std::string_view key, std::string_view value) {
  if (const auto* const text = field_of(k_texts, key)) {
    status.*text->second = single_line(value);
    return true;
  }
  const auto* const time = field_of(k_times, key);
  const auto* const count = field_of(k_counts, key);
  const auto* const flag = field_of(k_flags, key);
  if (!time && !count && !flag) return true;
  const auto number = parse_unsigned(value);
  if (!number || *number > std::numeric_limits<std::int64_t>::max()) return false;
  if (time) status.*time->second = static_cast<std::int64_t>(*number);
  if (count) status.*count->second = *number;
  if (flag) status.*flag->second = *number != 0;
  return true;
}

}  // namespace

std::string encode(const MirrorStatus& status) {
  std::string out(k_status_magic);
  const auto line = [&](std::string_view key, const auto& value) { out += cat(key, ": ", value, "\n"); };
  for (const auto& [key, field] : k_texts)
    if (!(status.*field).empty()) line(key, single_line(status.*field));
  for (const auto& [key, field] : k_times)
    if (status.*field > 0) line(key, status.*field);
  for (const auto& [key, field] : k_counts)
    if (status.*field > 0) line(key, status.*field);
  for (const auto& [key, field] : k_flags)
    if (status.*field) line(key, 1);
  return out;
}

std::optional<MirrorStatus> decode_status(std::string_view text) {
  if (!text.starts_with(k_status_magic)) return std::nullopt;
  text.remove_prefix(k_status_magic.size());
  MirrorStatus status;
  for (const auto each : split(text, '\n')) {
    const auto colon = each.find(": ");
    if (colon == std::string_view::npos) continue;
    if (!read_line(status, each.substr(0, colon), each.substr(colon + 2))) return std::nullopt;
  }
  return status;
}

}  // namespace recentd::state
