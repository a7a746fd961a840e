#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "recentfile/merge_rows.hpp"
#include "recentfile/store.hpp"

namespace recentd {

// What reading the target once before writing it tells.
struct Survey {
  bool truncates = false;       // rows older than the bound
  bool stale_new = false;       // a path that the source deleted is still `new` in Z
  bool lacks = false;           // carried events that the target has not got
  bool crosses = false;         // one of them is older than what the target has passed on
  std::optional<Epoch> oldest;  // of the rows that stay
};

// The target as it is before a merge; open() begins anew each time.
struct TargetRows {
  std::function<std::unique_ptr<RowStream>()> open;
  std::size_t guess = 0;  // how many they are; rather too many
};

// The source of a merge: which of its events go up, how its list and the target's become one, and how it is
// written itself. Not for use from two threads.
class MergeSource {
 public:
  virtual ~MergeSource() = default;
  // Of its file, to be changed before write().
  [[nodiscard]] virtual Meta& meta() noexcept = 0;
  // About how many bytes its events take in a file.
  [[nodiscard]] virtual std::size_t bytes() const = 0;
  // Its newest and its oldest event, and those of the ones that go up; nothing if there is none.
  [[nodiscard]] virtual std::optional<EpochView> newest() const = 0;
  [[nodiscard]] virtual std::optional<EpochView> oldest() const = 0;
  [[nodiscard]] virtual std::optional<EpochView> newest_carried() const = 0;
  [[nodiscard]] virtual std::optional<EpochView> oldest_carried() const = 0;
  [[nodiscard]] virtual std::size_t carried() const = 0;

  // `passed_on`: up to where the target was merged itself. Throws Disordered.
  virtual Survey survey(const TargetRows& target, const std::optional<Epoch>& bound,
                        const std::optional<Epoch>& passed_on) = 0;
  // As weave(). Throws Disordered.
  virtual Woven weave(const TargetRows& target, const std::optional<Epoch>& bound, const Emit& emit) = 0;
  // Its newest event goes up, whatever it is.
  virtual void carry_newest() = 0;
  // Writes it anew with its meta part; see write_level().
  virtual void write(const StorePolicy& policy, Clock& clock) = 0;
};

// One in memory. All must outlive it.
std::unique_ptr<MergeSource> held_source(LevelContent& level, const LevelFile& file, Deletes deletes);

}  // namespace recentd
