#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "audit/audit.hpp"
#include "audit/index_view.hpp"
#include "state/mirror_state.hpp"
#include "sys/tree/dir.hpp"
#include "tree/tree.hpp"

namespace recentd::audit {

// One look at a tree on this machine. Single use.
class TreeAudit : private EventVisitor {
 public:
  TreeAudit(const TreeLayout& layout, AuditReport& report);
  // Fills the report.
  void run();
  [[nodiscard]] const std::vector<LevelReading>& levels() const noexcept { return levels_; }

 private:
  void load_state();
  void check_level(const LevelFile& file);
  NewestEvents::Named note(const EventRow& row) override;
  void check_present(const RelPath& path, const EventRow& row);
  bool is_known_to_stay(const std::string& name);
  bool is_known_missing(const RelPath& path, const EventRow& row);
  bool is_left_out(const RelPath& path, const EventRow& row);
  void check_extra();
  void check_state();
  void check_progress(const LevelReading& level);
  [[nodiscard]] const state::LevelProgress* progress_of(const LevelReading& level) const;

  const TreeLayout& layout_;
  AuditReport& report_;
  sys::Dir root_;
  Bookkeeping bookkeeping_;
  std::optional<state::MirrorState> state_;
  std::vector<LevelReading> levels_;
  std::vector<std::shared_ptr<const OpenLevel>> storage_;  // of the texts in the tables
  NewestEvents named_;
  std::vector<std::pair<std::string, Epoch>> missing_;  // of the level at hand
};

}  // namespace recentd::audit
