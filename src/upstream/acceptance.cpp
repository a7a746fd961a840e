#include "upstream/acceptance.hpp"

namespace recentd::upstream {

IndexCache::Bounds Acceptance::bounds() {
  return {progress_.state().seen, {}, ceiling_, [this](const LevelFacts& facts, const std::string&) {
            return objection_to(facts);
          }};
}

bool Acceptance::follows_part() {
  if (part_) return *part_;
  const auto& principal = progress_.state().principal;
  const auto facts = principal.empty() ? std::nullopt : cache_.facts(principal);
  part_ = facts && facts->part_of;
  return *part_;
}

std::optional<std::string> Acceptance::objection_to(const LevelFacts& facts) {
  if (whole_only_ && facts.part_of && !follows_part())
    return "it is a partial mirror, and another source may have the whole tree; it only gives content";
  return std::nullopt;
}

}  // namespace recentd::upstream
