#include "audit/findings.hpp"

namespace recentd::audit {

std::string_view to_string(Check check) noexcept {
  switch (check) {
    case Check::index:
      return "index";
    case Check::levels:
      return "levels";
    case Check::missing:
      return "missing";
    case Check::type:
      return "type";
    case Check::extra:
      return "extra";
    case Check::hidden:
      return "hidden";
    case Check::changed:
      return "changed";
    case Check::content:
      return "content";
    case Check::leftover:
      return "leftover";
    case Check::unread:
      return "unread";
    case Check::left_out:
      return "left_out";
    case Check::state:
      return "state";
    case Check::known:
      return "known";
    case Check::source:
      break;
  }
  return "source";
}

void Findings::add(Check check, std::string_view name, std::string detail) {
  ++total_;
  ++counts_[check];
  auto& kept = kept_[check];
  if (kept.size() < kept_max_) kept.push_back({check, std::string(name), std::move(detail)});
}

std::uint64_t Findings::count(Check check) const {
  const auto found = counts_.find(check);
  return found == counts_.end() ? 0 : found->second;
}

std::vector<Finding> Findings::kept() const {
  std::vector<Finding> all;
  for (const auto& [check, findings] : kept_) all.insert(all.end(), findings.begin(), findings.end());
  return all;
}

}  // namespace recentd::audit
