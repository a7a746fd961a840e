#pragma once

#include <optional>
#include <vector>

#include <recentd/epoch.hpp>

namespace recentd {

// The closed epoch ranges of one level that a mirror has worked off (recentd-mirror(7), The done set).
// Value type, always normal: ranges sorted newest first, none touching or overlapping.
class Done {
 public:
  struct Range {
    Epoch high;
    Epoch low;
    bool operator==(const Range&) const = default;
  };

  // Marks [low, high] (in any order) as worked off.
  void add(const EpochView& high, const EpochView& low);
  // Marks a run of neighbouring events of one event list: [low, high], joined to what lies on its other
  // sides: `newer` is the event just before the run in the list (newest first), `older` the one just after
  // it; if such a neighbour is covered, the gap to it counts as worked off too.
  void add_run(const std::optional<EpochView>& newer, const EpochView& high, const EpochView& low,
               const std::optional<EpochView>& older);
  // Takes over all ranges of other and joins what overlaps.
  void merge(const Done& other);
  void clear() noexcept { ranges_.clear(); }

  [[nodiscard]] bool covers(const EpochView& epoch) const noexcept;
  // True if one single range holds both ends.
  [[nodiscard]] bool covers(const EpochView& a, const EpochView& b) const noexcept;
  [[nodiscard]] bool empty() const noexcept { return ranges_.empty(); }
  [[nodiscard]] const std::vector<Range>& ranges() const noexcept { return ranges_; }

  bool operator==(const Done&) const = default;

 private:
  std::vector<Range> ranges_;  // newest first
};

}  // namespace recentd
