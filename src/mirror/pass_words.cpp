// What a pass says of what it left.

#include <algorithm>

#include "base/text.hpp"
#include "mirror/pass.hpp"

namespace recentd::mirror {

bool Pass::only_looks_open() const {
  const auto& pending = progress_.pending();
  const auto& state = progress_.state();
  return !pending.empty() && std::ranges::all_of(pending, [&](const auto& open) {
    return state.missing.contains(open.first) || state.differing.contains(open.first);
  });
}

bool Pass::only_differing_open() const {
  const auto& pending = progress_.pending();
  return !pending.empty() && std::ranges::all_of(pending, [&](const auto& open) {
    return progress_.state().differing.contains(open.first);
  });
}

std::vector<std::string> Pass::known_missing_lines(std::size_t limit) const {
  std::vector<std::string> lines;
  for (const auto& [path, missing] : progress_.state().missing) {
    if (lines.size() == limit) break;
    if (missing.known) lines.push_back(cat(quoted(path), ": ", missing.reason));
  }
  return lines;
}

std::vector<std::string> Pass::missing_lines(std::size_t limit) const {
  std::vector<std::string> lines;
  const auto add = [&](std::string line) {
    if (lines.size() < limit) lines.push_back(std::move(line));
  };
  for (const auto& [path, reason] : progress_.pending()) {
    if (lines.size() == limit) return lines;
    add(cat(quoted(path), ": ", reason));
  }
  for (const auto& [path, pending] : progress_.state().deletes)
    if (state::is_open(pending)) add(cat(quoted(path), ": its delete cannot be done: ", pending.reason));
  for (const auto& level : chain_.levels())
    if (!level.published && !level.absent)
      add(cat("index ", level.name, level.facts ? " is not complete yet" : " could not be fetched"));
  return lines;
}

std::optional<TimePoint> Pass::principal_written() const {
  if (!principal()) return {};
  const auto facts = sys::lstat_path(chain_.cache().path(chain_.levels().front().name));
  if (!facts) return {};
  return TimePoint(std::chrono::seconds(facts->mtime_s) + std::chrono::nanoseconds(facts->mtime_ns));
}

}  // namespace recentd::mirror
