#pragma once

#include <optional>
#include <string>

#include <recentd/epoch.hpp>

#include "recentfile/names.hpp"
#include "state/progress.hpp"
#include "transport/transport.hpp"
#include "upstream/index_cache.hpp"

namespace recentd::upstream {

// Decides whether a principal that arrived whole may be followed: recentd-mirror(7), Rollback, The future,
// Another tree, A partial mirror as a source. Not for use from two threads.
class Acceptance {
 public:
  // All must outlive it. `transport` is asked for larger levels where the principal alone proves nothing.
  Acceptance(IndexCache& cache, transport::Transport& transport, const state::Progress& progress)
      : cache_(cache), transport_(transport), progress_(progress) {}

  // A principal whose newest event is above it is not believed; nothing: any is.
  void set_ceiling(std::optional<Epoch> ceiling) { ceiling_ = std::move(ceiling); }
  // Whether a partial mirror is refused, unless what was followed before is one.
  void set_whole_only(bool whole_only) noexcept { whole_only_ = whole_only; }

  // What a principal has to fulfil. Valid as long as this, for one fetch. `latest`: what lies behind it is of
  // the future.
  [[nodiscard]] IndexCache::Bounds bounds(const Epoch& latest);
  // It is the one that is followed.
  void taken(const LevelFacts& facts);
  // Whether what was followed last, perhaps by an earlier process, is a partial mirror.
  [[nodiscard]] bool follows_part();
  // The dirtymark of an index that was refused as another tree's, if that was the last answer.
  [[nodiscard]] const std::optional<std::string>& stranger() const noexcept { return stranger_; }

 private:
  [[nodiscard]] std::optional<std::string> objection_to(const LevelFacts& facts, const std::string& path);
  [[nodiscard]] bool is_of_this_tree(const LevelFacts& facts, const std::string& path);
  [[nodiscard]] std::vector<std::string> larger_levels(const LevelFacts& facts,
                                                       const std::string& path) const;

  IndexCache& cache_;
  transport::Transport& transport_;
  const state::Progress& progress_;
  std::optional<Epoch> ceiling_;
  bool whole_only_ = false;
  std::optional<bool> part_;                   // as follows_part(), once it is known
  std::optional<std::string> kin_, stranger_;  // dirtymarks that were compared; what came out
};

}  // namespace recentd::upstream
