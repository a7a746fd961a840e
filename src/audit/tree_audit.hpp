#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "audit/audit.hpp"
#include "audit/index_view.hpp"
#include "state/mirror_state.hpp"
#include "sys/tree/dir.hpp"
#include "target/inner_trees.hpp"
#include "tree/tree.hpp"

namespace recentd::audit {

// One look at a tree on this machine. Single use.
class TreeAudit : private EventVisitor {
 public:
  TreeAudit(const TreeLayout& layout, AuditReport& report);
  // Fills the report.
  void run();
  [[nodiscard]] const std::vector<LevelReading>& levels() const noexcept { return levels_; }
  // Directories of a mirror that belong to other trees.
  [[nodiscard]] const std::set<std::string>& other_trees() const noexcept { return other_trees_; }
  // Links that stand for directories, with content behind them, and where they lead.
  [[nodiscard]] std::map<std::string, std::string, std::less<>> followed_links() const;

 private:
  void load_state();
  void check_level(const LevelFile& file);
  NewestEvents::Named note(const EventRow& row) override;
  void check_present(const RelPath& path, const EventRow& row);
  bool is_known_to_stay(const std::string& name);
  bool is_known_missing(const RelPath& path, const EventRow& row);
  bool is_left_out(const RelPath& path, const EventRow& row);
  [[nodiscard]] bool is_in_inner_target(const std::string& path);
  // Else nothing is missed where a directory cannot be read, as lost+found.
  bool names_anything_in(const std::string& directory);
  void note_inner_tree(const std::string& directory);
  void check_extra();
  bool enters(const std::string& directory, const std::vector<sys::Dir::Entry>& entries);
  void check_state();
  void check_progress(const LevelReading& level);
  [[nodiscard]] const state::LevelProgress* progress_of(const LevelReading& level) const;

  const TreeLayout& layout_;
  AuditReport& report_;
  sys::Dir root_;
  Bookkeeping bookkeeping_;
  target::InnerTrees inner_;
  std::set<std::string> other_trees_;
  std::optional<state::MirrorState> state_;
  std::vector<LevelReading> levels_;
  std::vector<std::shared_ptr<const OpenLevel>> storage_;  // of the texts in the tables
  NewestEvents named_;
  std::vector<std::pair<std::string, Epoch>> missing_;  // of the level at hand
};

}  // namespace recentd::audit
