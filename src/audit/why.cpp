#include "audit/why.hpp"

#include <algorithm>

#include <recentd/error.hpp>
#include <recentd/path.hpp>
#include <recentd/reading.hpp>

#include "base/text.hpp"
#include "origin/request_paths.hpp"
#include "state/state_store.hpp"
#include "tree/tree.hpp"

namespace recentd::audit {

namespace {

std::vector<Event> events_of(const EventList& list, std::string_view path) {
  std::vector<Event> out;
  for (const EventRow& row : list.rows)
    if (row.path() == path) out.push_back(list.event(row));
  return out;
}

PathInLevel look_at_level(const TreeLayout& layout, std::size_t index, const std::string& path) {
  const LevelFile file = layout.file(index);
  PathInLevel out;
  out.interval = file.name.interval;
  out.file = file.name.file();
  try {
    const auto level = index == 0 ? read_principal(file, Reader::mirror) : read_level(file, Reader::mirror);
    if (!level) out.what = PathInLevel::What::missing;
    if (level) out.events = events_of(level->events, path);
  } catch (const Error& error) {
    if (error.kind() != Kind::corrupt) throw;
    out.what = PathInLevel::What::broken;
    out.trouble = error.what();
  }
  return out;
}

// A copy that is not the file shown (not the same inode): it waits for its content.
std::optional<PathInLevel> look_at_copy(const TreeLayout& layout, std::size_t index,
                                        const std::string& path) {
  LevelFile file = layout.file(index);
  const auto shown = sys::stat_path(file.path());
  file.root += "/.recentd/index";
  const auto copy = sys::lstat_path(file.path());
  if (!copy || copy->type != sys::FileType::regular) return std::nullopt;
  if (shown && shown->inode == copy->inode && shown->device == copy->device) return std::nullopt;
  PathInLevel out;
  out.interval = file.name.interval;
  out.file = ".recentd/index/" + file.name.file();
  try {
    const auto level = read_level(file, Reader::mirror);
    if (!level) return std::nullopt;
    out.events = events_of(level->events, path);
  } catch (const Error& error) {
    if (error.kind() != Kind::corrupt) throw;
    out.what = PathInLevel::What::broken;
    out.trouble = error.what();
  }
  return out;
}

template <class Map>
auto entry(const Map& map, const std::string& path) -> std::optional<typename Map::mapped_type> {
  const auto found = map.find(path);
  return found == map.end() ? std::nullopt : std::optional(found->second);
}

PathInState look_at_state(const state::MirrorState& state, const PathFacts& facts) {
  PathInState out;
  out.source = state.source;
  out.pending_delete = entry(state.deletes, facts.path);
  out.missing = entry(state.missing, facts.path);
  out.left_out = entry(state.left_out, facts.path);
  out.deletes_skipped = state.deletes_skipped;
  for (const auto& level : state.levels) {
    const Event* newest = nullptr;
    const auto take = [&](const PathInLevel& told) {
      if (told.interval != level.interval || told.events.empty()) return;
      if (newest == nullptr || told.events.front().epoch > newest->epoch) newest = &told.events.front();
    };
    std::ranges::for_each(facts.levels, take);
    std::ranges::for_each(facts.fetched, take);
    if (newest == nullptr) continue;
    (level.done.covers(newest->epoch) ? out.done : out.open).push_back(level.interval);
  }
  return out;
}

std::optional<sys::FileFacts> on_disk(const std::string& root, const std::string& path) {
  // Not by RelPath, for names of index files are asked for, too.
  return sys::lstat_path(root + "/" + path);
}

}  // namespace

const Event* PathFacts::newest() const {
  const Event* newest = nullptr;
  const auto take = [&](const PathInLevel& level) {
    if (level.events.empty()) return;
    if (newest == nullptr || level.events.front().epoch > newest->epoch) newest = &level.events.front();
  };
  std::ranges::for_each(levels, take);
  std::ranges::for_each(fetched, take);
  return newest;
}

PathFacts look_at_path(const std::string& tree, const std::string& path) {
  const TreeLayout layout = open_tree(tree);
  PathFacts facts;
  facts.root = layout.root;
  facts.warnings = layout.remarks;
  const auto relative = relative_to_root(layout.root, path);
  if (!relative)
    throw Error(Kind::usage,
                cat(quoted(path), " does not lie below ", escaped(layout.root),
                    "; leave --root out, and the tree is the nearest one above the path"),
                path);
  facts.path = *relative;
  const Bookkeeping bookkeeping(layout.filenameroot);
  RequestPaths paths(layout.root, bookkeeping);  // what is found lives in it
  if (const auto meant = paths.find(path); !meant.real && meant.spelled)
    facts.warnings.push_back(cat(meant.why_not, ", so no index can tell ", recentd::quoted(facts.path)));
  else if (meant.real && meant.real != meant.spelled)
    facts.warnings.push_back(cat(recentd::quoted(facts.path),
                                 " is behind a link; an index tells the file as ",
                                 recentd::quoted(*meant.real)));
  facts.bookkeeping = bookkeeping.owns(facts.path);
  facts.on_disk = on_disk(facts.root, facts.path);
  for (std::size_t i = 0; i < layout.levels.size(); ++i) {
    facts.levels.push_back(look_at_level(layout, i, facts.path));
    if (auto copy = look_at_copy(layout, i, facts.path)) facts.fetched.push_back(std::move(*copy));
  }
  const state::StateStore store(layout.root + "/.recentd", Fsync::none);
  std::string remark;
  if (const auto state = store.load(&remark)) facts.state = look_at_state(*state, facts);
  if (!remark.empty()) facts.warnings.push_back(remark);
  return facts;
}

std::string tree_above(const std::string& path) {
  std::string directory = absolute_path(path);
  for (;;) {
    const auto facts = sys::lstat_path(directory);
    if (facts && facts->type == sys::FileType::directory) {
      try {
        return open_tree(directory).root;
      } catch (const Error& error) {
        if (error.kind() != Kind::missing) throw;
      }
    }
    if (directory == "/") break;
    directory.resize(std::max<std::size_t>(directory.rfind('/'), 1));
  }
  throw Error(Kind::missing,
              cat("no directory above ", quoted(path), " holds an index; name the tree with --root"), path);
}

}  // namespace recentd::audit
