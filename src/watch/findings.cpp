#include "watch/findings.hpp"

#include <utility>

namespace recentd::watch {

void Findings::add(Finding finding) {
  if (paths_.contains(finding.path)) return;
  gathered_.push_back(std::move(finding));
  paths_.insert(gathered_.back().path);
  if (gathered_.size() >= k_portion) hand_over();
}

void Findings::hand_over() {
  if (!deliver_ || gathered_.empty()) return;
  auto findings = take();
  try {
    deliver_(findings, judged_);
  } catch (...) {
    gathered_ = std::move(findings);
    note_paths();
    throw;
  }
}

void Findings::note_paths() {
  paths_.clear();
  for (const auto& finding : gathered_) paths_.insert(finding.path);
}

bool Findings::judge(const MayTell& may_tell, std::uint64_t deletes, std::uint64_t present) {
  paths_.clear();
  const bool told = may_tell(gathered_, deletes, present);
  note_paths();
  const Judged judged(judged_);
  hand_over();
  return told;
}

std::deque<Finding> Findings::take() {
  paths_.clear();
  return std::exchange(gathered_, {});
}

Findings::MayTell within(const DeleteLimit& limit) {
  return [limit](std::deque<Finding>&, std::uint64_t deletes, std::uint64_t present) {
    return limit.allows(deletes, present);
  };
}

}  // namespace recentd::watch
