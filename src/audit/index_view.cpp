#include "audit/index_view.hpp"

#include "base/meter.hpp"
#include "base/text.hpp"
#include "sys/tree/dir.hpp"

namespace recentd::audit {
namespace {

// Fills the table from one level.
class Filler : public EventVisitor {
 public:
  Filler(NewestEvents& table, std::uint8_t level, const Bookkeeping& bookkeeping)
      : table_(table), level_(level), bookkeeping_(bookkeeping) {}

  void expect(std::span<const EventRow> rows) override {
    hashes_.clear();
    next_ = 0;
    meter().add(rows.size());
    for (const auto& row : rows) {
      hashes_.push_back(NewestEvents::hash(row.path()));
      table_.prefetch(hashes_.back());
    }
    for (const auto hash : hashes_) table_.prefetch_text(hash);
  }
  NewestEvents::Named note(const EventRow& row) override {
    const auto hash = hashes_[next_++];
    flags |= row.flags;
    if (RelPath::check(row.path(), bookkeeping_) == RelPath::Flaw::none && row.type != EventType::other)
      return table_.add(row, level_, hash);
    ++refused;
    return NewestEvents::Named::first;
  }

  std::uint64_t refused = 0;
  std::uint8_t flags = 0;  // of all rows together

 private:
  NewestEvents& table_;
  std::uint8_t level_;
  const Bookkeeping& bookkeeping_;
  std::vector<NewestEvents::Hash> hashes_;
  std::size_t next_ = 0;
};

}  // namespace

IndexView::IndexView(const TreeLayout& layout, Extent extent, Findings& findings) : layout_(layout) {
  const Bookkeeping bookkeeping(layout.filenameroot);
  meter().begin("reading the index");
  for (std::size_t i = 0; i < layout.levels.size(); ++i) {
    std::shared_ptr<const OpenLevel> storage;
    Filler filler(table_, static_cast<std::uint8_t>(i), bookkeeping);
    auto level = read_and_check(layout.file(i), filler, &storage, findings);
    if (storage) storage_.push_back(std::move(storage));
    events_ += level.events;
    refused_paths_ += filler.refused;
    any_recorded_ = any_recorded_ || (filler.flags & (EventRow::k_recorded | EventRow::k_details)) != 0;
    levels_.push_back(std::move(level));
  }
  check_neighbours(levels_, extent, findings);
}

Recorded IndexView::recorded(const NewestEvents::Entry& entry) const {
  if (entry.value.keys == 0) return {};
  EventRow row{};
  row.path_text = entry.path().data();
  row.path_bytes = static_cast<std::uint32_t>(entry.path().size());
  row.flags = entry.value.keys;
  if ((row.flags & EventRow::k_recorded) != 0) return recorded_around(row);
  for (const auto& level : storage_)
    if (const auto found = recorded_of(level->reader->storage(), row); found.any()) return found;
  return {};
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
