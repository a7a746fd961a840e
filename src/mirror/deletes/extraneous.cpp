#include "mirror/deletes/extraneous.hpp"

#include <algorithm>

#include "base/log.hpp"
#include "mirror/plan/tree_count.hpp"
#include "recentfile/names.hpp"
#include "sys/failure.hpp"
#include "target/inner_trees.hpp"

namespace recentd::mirror {
namespace {

const Log k_log("mirror");

constexpr std::size_t k_names_max = 100;
constexpr std::string_view k_link_suffix = ".recent";

}  // namespace

Extraneous::Extraneous(const MirrorOptions& options, const sys::Dir& target, const upstream::Chain& chain,
                       const state::MirrorState& state)
    : target_(target), bookkeeping_(chain.bookkeeping()), state_(state), risk_(options.deletes.risk) {
  SeenPaths seen;
  present_.expect(most_events(chain.levels()));
  readers_ = newest_events(chain, state, seen, [&](const EventRow& row, bool) {
    if (row.path().ends_with(k_link_suffix)) links_.emplace(row.path());
    if (!options.select.filter.wants(row.path())) return;
    const bool there = row.type != EventType::delete_;
    if (there || options.deletes.skip) present_.insert(row.path());
  });
}

std::uint64_t Extraneous::each(const std::function<void(RelPath)>& content,
                               const std::function<void(const std::string&)>& litter) const {
  std::uint64_t kept = 0;
  for (const auto& entry : target_.list("").value_or(std::vector<sys::Dir::Entry>{}))
    if (entry.type != sys::FileType::directory && is_reference_copy(entry.name, bookkeeping_.filenameroot()))
      litter(entry.name);
  walk("", content, kept);
  return kept;
}

// Not into other trees.
void Extraneous::walk(const std::string& directory, const std::function<void(RelPath)>& content,
                      std::uint64_t& kept) const {
  std::optional<std::vector<sys::Dir::Entry>> entries;
  try {
    entries = target_.list(directory);
  } catch (const Error& error) {
    if (!sys::concerns_path_alone(error)) throw;
    return note_unread(directory, error);
  }
  if (!entries) return;
  const auto is_ours = [this](const std::string& path) { return links_.contains(path); };
  if (!directory.empty() && target::is_another_tree(directory, *entries, is_ours))
    return note_other(directory);
  for (const auto& entry : *entries) {
    const auto name = directory.empty() ? entry.name : directory + "/" + entry.name;
    if (bookkeeping_.owns(name)) continue;
    if (entry.type == sys::FileType::directory) {
      walk(name, content, kept);
    } else if (present_.contains(name) || state_.deletes.contains(name) ||
               (entry.type == sys::FileType::symlink && stands_for_directory(name)) || !risk_.wants(name)) {
      ++kept;
    } else if (auto path = RelPath::parse(name, bookkeeping_)) {
      content(std::move(*path));
    }
  }
}

// As lost+found, which only root may read. Nothing in it can be ours.
void Extraneous::note_unread(const std::string& directory, const Error& error) const {
  if (others_.insert(directory).second)
    k_log.warning("a directory of the target cannot be read, and is left alone",
                  {{"directory", directory}, {"reason", error.what()}});
}

void Extraneous::note_other(const std::string& directory) const {
  if (others_.insert(directory).second)
    k_log.warning("a directory of the target is a tree of its own, and left alone",
                  {{"directory", directory}});
}

// A link that somebody made here, with files below it that the index names.
bool Extraneous::stands_for_directory(const std::string& name) const {
  if (!target_.link_in_the_way(name)) return false;
  bool named = false;
  present_.for_each([&](const auto& entry) {
    named = named || (entry.path().size() > name.size() && entry.path().starts_with(name) &&
                      entry.path()[name.size()] == '/');
  });
  return named;
}

Extraneous::Summary Extraneous::summary() const {
  Summary result;
  const auto note = [&](const std::string& name) {
    ++result.count;
    if (result.first.size() < k_names_max) result.first.push_back(name);
  };
  result.kept = each([&](const RelPath& path) { note(path.text()); }, note);
  return result;
}

bool has_content(const sys::Dir& root, const Bookkeeping& bookkeeping) {
  const auto entries = root.list("").value_or(std::vector<sys::Dir::Entry>{});
  return std::any_of(entries.begin(), entries.end(),
                     [&](const sys::Dir::Entry& entry) { return !bookkeeping.owns(entry.name); });
}

}  // namespace recentd::mirror
