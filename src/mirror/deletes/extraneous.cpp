#include "mirror/deletes/extraneous.hpp"

#include <algorithm>

#include "mirror/plan/tree_count.hpp"
#include "recentfile/names.hpp"
#include "sys/tree/remove_tree.hpp"

namespace recentd::mirror {
namespace {

constexpr std::size_t k_names_max = 100;

}  // namespace

Extraneous::Extraneous(const MirrorOptions& options, const sys::Dir& target, const upstream::Chain& chain,
                       const state::MirrorState& state)
    : target_(target), bookkeeping_(chain.bookkeeping()), state_(state) {
  SeenPaths seen;
  readers_ = newest_events(chain, state, seen, [&](const EventRow& row, bool) {
    if (!options.select.filter.wants(row.path())) return;
    const bool there = row.type != EventType::delete_;
    if (there || options.deletes.skip) present_.insert(row.path());
    if (there) ++named_;
  });
}

void Extraneous::each(const std::function<void(RelPath)>& content,
                      const std::function<void(const std::string&)>& litter) const {
  for (const auto& entry : target_.list("").value_or(std::vector<sys::Dir::Entry>{}))
    if (entry.type != sys::FileType::directory && is_reference_copy(entry.name, bookkeeping_.filenameroot()))
      litter(entry.name);
  sys::walk_files(target_, bookkeeping_, "", [&](const std::string& name, sys::FileType) {
    if (present_.contains(name) || state_.deletes.contains(name)) return;
    if (auto path = RelPath::parse(name, bookkeeping_)) content(std::move(*path));
  });
}

Extraneous::Summary Extraneous::summary() const {
  Summary result;
  const auto note = [&](const std::string& name) {
    ++result.count;
    if (result.first.size() < k_names_max) result.first.push_back(name);
  };
  each([&](const RelPath& path) { note(path.text()); }, note);
  return result;
}

bool has_content(const sys::Dir& root, const Bookkeeping& bookkeeping) {
  const auto entries = root.list("").value_or(std::vector<sys::Dir::Entry>{});
  return std::any_of(entries.begin(), entries.end(),
                     [&](const sys::Dir::Entry& entry) { return !bookkeeping.owns(entry.name); });
}

}  // namespace recentd::mirror
