#pragma once

#include <optional>
#include <vector>

#include <recentd/epoch.hpp>

namespace recentd {

// The closed epoch ranges of one level that a mirror has worked off, see recentd-mirror(7), The done set.
//
//   Done done;
//   done.add(*Epoch::parse("1700000200"), *Epoch::parse("1700000100"));
//   done.covers(*Epoch::parse("1700000150.5"));  // true
//
// Value type, always normal: ranges sorted newest first, none touching or overlapping, so that a level that
// was worked off piece by piece ends as one range.
class Done {
 public:
  // Both ends belong to it; high >= low.
  struct Range {
    Epoch high;
    Epoch low;
    bool operator==(const Range&) const = default;
  };

  // Marks [low, high] (in any order) as worked off.
  void add(const EpochView& high, const EpochView& low);
  // Marks a run of neighbouring events of one event list: [low, high], joined to what lies on its other
  // sides: `newer` is the event just before the run in the list (newest first), `older` the one just after
  // it; if such a neighbour is covered, the gap to it counts as worked off too: what came in it once has been
  // dropped from the list since, and is superseded.
  void add_run(const std::optional<EpochView>& newer, const EpochView& high, const EpochView& low,
               const std::optional<EpochView>& older);
  // Takes over all ranges of other and joins what overlaps: what a larger level inherits from a smaller one,
  // see recentd-mirror(7), Inheritance.
  void merge(const Done& other);
  // Forgets what is newer than the epoch.
  void forget_above(const EpochView& epoch);
  // Forgets all, as a change of the dirtymark demands: recentd-mirror(7), Dirtymark.
  void clear() noexcept { ranges_.clear(); }

  // True if a range holds the epoch. Events of one epoch cannot be told apart here: recentd-mirror(7), Ties.
  [[nodiscard]] bool covers(const EpochView& epoch) const noexcept;
  // True if one single range holds both ends, so that nothing between them is open.
  [[nodiscard]] bool covers(const EpochView& a, const EpochView& b) const noexcept;
  [[nodiscard]] bool empty() const noexcept { return ranges_.empty(); }
  // Newest first. Valid until the next change.
  [[nodiscard]] const std::vector<Range>& ranges() const noexcept { return ranges_; }

  bool operator==(const Done&) const = default;

 private:
  std::vector<Range> ranges_;  // newest first
};

}  // namespace recentd
