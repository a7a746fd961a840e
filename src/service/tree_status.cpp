#include "service/tree_status.hpp"

#include <array>

#include "base/count.hpp"
#include "base/text.hpp"

namespace recentd::service {

namespace {

constexpr std::array<std::string_view, 7> k_names = {"starting", "working", "waiting", "retrying",
                                                     "stopping", "stopped", "failed"};
constexpr std::size_t k_message_bytes_max = 200;

bool has_ended(TreeState state) {
  return state == TreeState::stopped || state == TreeState::failed;
}

std::string_view word_for(const TreeStatus& status) {
  if (status.state == TreeState::waiting && status.held_deletes > 0) return "holding deletes back";
  if (status.state == TreeState::waiting) return status.up_to_date ? "up to date" : "incomplete";
  return to_string(status.state);
}

std::string remark_on(const TreeStatus& status) {
  if (!status.message.empty()) return status.message.substr(0, k_message_bytes_max);
  if (status.held_deletes == 0) return {};
  return cat(counted(status.held_deletes, "delete"), " waiting for `recentd mirror --accept-deletes`");
}

}  // namespace

std::string_view to_string(TreeState state) noexcept {
  return k_names[static_cast<std::size_t>(state)];
}

TreeStatus StatusBoard::read() const {
  const std::lock_guard guard(mutex_);
  return status_;
}

void StatusBoard::enter(TreeState state, TimePoint now) {
  write([&](TreeStatus& status) {
    if (status.state == state || has_ended(status.state)) return;
    if (status.state == TreeState::stopping && !has_ended(state)) return;
    status.state = state;
    status.since = now;
  });
}

std::string summary(const std::vector<NamedStatus>& trees) {
  std::vector<std::pair<std::string_view, std::size_t>> counts;
  std::string remarks;
  for (const auto& [name, status] : trees) {
    const auto word = word_for(status);
    auto at = counts.begin();
    while (at != counts.end() && at->first != word) ++at;
    if (at == counts.end()) at = counts.insert(at, {word, 0});
    ++at->second;
    if (const auto remark = remark_on(status); !remark.empty() && remarks.size() < k_message_bytes_max)
      remarks += cat("; ", name, ": ", single_line(remark));
  }
  auto text = cat(trees.size(), trees.size() == 1 ? " tree" : " trees");
  std::string_view separator = ": ";
  for (const auto& [word, count] : counts) {
    text += cat(separator, count, " ", word);
    separator = ", ";
  }
  return text + remarks;
}

}  // namespace recentd::service
