#include "audit/index_view.hpp"

#include "base/text.hpp"
#include "sys/dir.hpp"

namespace recentd::audit {

IndexView::IndexView(const TreeLayout& layout, Extent extent, Findings& findings) : layout_(layout) {
  const Bookkeeping bookkeeping(layout.filenameroot);
  for (std::size_t i = 0; i < layout.levels.size(); ++i) {
    std::shared_ptr<const OpenLevel> storage;
    const auto note = [&](const EventRow& row) {
      if (RelPath::check(row.path(), bookkeeping) != RelPath::Flaw::none || row.type == EventType::other) {
        ++refused_paths_;
        return PathTable::Named::first;
      }
      return table_.add(row, static_cast<std::uint8_t>(i));
    };
    auto level = read_and_check(layout.file(i), note, &storage, findings);
    if (storage) storage_.push_back(std::move(storage));
    events_ += level.events;
    levels_.push_back(std::move(level));
  }
  check_neighbours(levels_, extent, findings);
}

void check_link(const TreeLayout& layout, const std::string& principal, Findings& findings) {
  const auto name = link_name(layout.filenameroot);
  const auto path = layout.root + "/" + name;
  const auto target = sys::read_link(path);
  if (target && *target != principal)
    findings.add(Check::index, name, cat("leads to ", quoted(*target), ", not to ", principal));
  if (!target && !sys::lstat_path(path))
    findings.add(Check::index, name, cat("is missing; it should lead to ", principal));
}

}  // namespace recentd::audit
