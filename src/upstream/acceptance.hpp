#pragma once

#include <optional>
#include <string>

#include <recentd/epoch.hpp>

#include "state/progress.hpp"
#include "upstream/index_cache.hpp"

namespace recentd::upstream {

// Decides whether a principal that arrived whole may be followed: recentd-mirror(7), Rollback, The future, A
// partial mirror as a source. Not for use from two threads.
class Acceptance {
 public:
  // Both must outlive it.
  Acceptance(IndexCache& cache, const state::Progress& progress) : cache_(cache), progress_(progress) {}

  // A principal whose newest event is above it is not believed; nothing: any is.
  void set_ceiling(std::optional<Epoch> ceiling) { ceiling_ = std::move(ceiling); }
  // Whether a partial mirror is refused, unless what was followed before is one.
  void set_whole_only(bool whole_only) noexcept { whole_only_ = whole_only; }

  // What a principal has to fulfil. Valid as long as this, for one fetch.
  [[nodiscard]] IndexCache::Bounds bounds();
  // It is the one that is followed.
  void taken(const LevelFacts& facts) { part_ = facts.part_of.has_value(); }
  // Whether what was followed last, perhaps by an earlier process, is a partial mirror.
  [[nodiscard]] bool follows_part();

 private:
  [[nodiscard]] std::optional<std::string> objection_to(const LevelFacts& facts);

  IndexCache& cache_;
  const state::Progress& progress_;
  std::optional<Epoch> ceiling_;
  bool whole_only_ = false;
  std::optional<bool> part_;  // as follows_part(), once it is known
};

}  // namespace recentd::upstream
