#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <recentd/path.hpp>

#include "audit/level_audit.hpp"
#include "audit/newest_events.hpp"
#include "model/recorded.hpp"

namespace recentd::audit {

// All index files of a tree at one moment: what they say of each path, and what is wrong with them.
class IndexView {
 public:
  // Reads them. Index files that do not parse are findings, not errors. `extent`: see check_neighbours().
  // Throws Error{io}.
  IndexView(const TreeLayout& layout, Extent extent, Findings& findings);

  [[nodiscard]] const std::vector<LevelReading>& levels() const noexcept { return levels_; }
  // Paths that an event may name; others are counted.
  [[nodiscard]] NewestEvents& table() noexcept { return table_; }
  // What the origin recorded of a path, in that event; empty for most.
  [[nodiscard]] Recorded recorded(const NewestEvents::Entry& entry) const;
  // Whether there is any such path.
  [[nodiscard]] bool any_recorded() const noexcept { return any_recorded_; }
  [[nodiscard]] std::uint64_t events() const noexcept { return events_; }
  [[nodiscard]] std::uint64_t refused_paths() const noexcept { return refused_paths_; }

 private:
  TreeLayout layout_;
  std::vector<LevelReading> levels_;
  NewestEvents table_;
  std::vector<std::shared_ptr<const OpenLevel>> storage_;
  std::uint64_t events_ = 0, refused_paths_ = 0;
  bool any_recorded_ = false;
};

// Notes a link ROOT.recent that is missing or leads elsewhere than to `principal`.
void check_link(const TreeLayout& layout, const std::string& principal, Findings& findings);

}  // namespace recentd::audit
