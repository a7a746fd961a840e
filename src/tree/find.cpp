#include "tree/find.hpp"

#include <algorithm>
#include <vector>

#include <recentd/error.hpp>
#include <recentd/interval.hpp>

#include "base/shell_word.hpp"
#include "base/text.hpp"
#include "sys/tree/dir.hpp"
#include "tree/tree.hpp"

namespace recentd {

namespace {

constexpr std::string_view k_link_suffix = ".recent";
constexpr int k_max_hops = 8;

bool is_link_name(std::string_view name) {
  return name.size() > k_link_suffix.size() &&
         name.substr(name.size() - k_link_suffix.size()) == k_link_suffix;
}

[[noreturn]] void fail_bad_link(const std::string& path, const std::string& why) {
  throw Error(Kind::corrupt,
              cat(escaped(path), " ", why, "; it has to be a link to a level's file beside it"), path);
}

// A regular file where the link should be tells itself which level it is (recentfile(5), Names).
LevelFile level_by_content(const std::string& root, const std::string& name) {
  const std::string path = root + "/" + name;
  const auto bytes = sys::read_file(path);
  const codec::Format format = codec::sniff(bytes->view());
  const LevelContent level = read_level_bytes(bytes, format, path, Reader::mirror);
  const Meta& meta = level.meta;
  const std::string filenameroot = name.substr(0, name.size() - k_link_suffix.size());
  if (!Interval::parse(meta.interval))
    fail_bad_link(path, cat("has no valid interval: ", recentd::quoted(meta.interval)));
  std::string suffix = meta.serializer_suffix;
  if (!codec::format_of_suffix(suffix)) suffix = codec::suffix_of(format);
  return {root, {filenameroot, meta.interval, suffix}};
}

LevelFile level_by_name(const std::string& root, const std::string& name) {
  const std::optional<LevelName> parts = split_level_name(name);
  if (parts && parts->file() == name) return {root, *parts};
  const std::string path = root + "/" + name;
  throw Error(Kind::usage,
              cat(escaped(path),
                  " is neither a directory nor an index file like RECENT-1h.yaml; name the tree's directory"),
              path);
}

LevelFile follow_link(const std::string& root, std::string name) {
  const std::string first = root + "/" + name;
  for (int hop = 0; hop < k_max_hops; ++hop) {
    const std::string path = root + "/" + name;
    const std::optional<std::string> target = sys::read_link(path);
    if (!target) return is_link_name(name) ? level_by_content(root, name) : level_by_name(root, name);
    if (target->empty() || target->find('/') != std::string::npos)
      fail_bad_link(path, cat("points to ", recentd::quoted(*target)));
    name = *target;
    // What it points to may be missing; then its name is all there is.
    if (!is_link_name(name) && !sys::read_link(root + "/" + name)) return level_by_name(root, name);
  }
  fail_bad_link(first, "is a chain of links without end");
}

struct Names {
  std::vector<std::string> links;
  std::vector<LevelName> levels;
};

Names names_in(const std::string& root) {
  Names out;
  const auto entries = sys::Dir(root).list("");
  if (!entries) return out;
  for (const auto& entry : *entries) {
    if (is_link_name(entry.name)) out.links.push_back(entry.name);
    const std::optional<LevelName> level = split_level_name(entry.name);
    if (level && level->file() == entry.name && Interval::parse(level->interval) &&
        codec::format_of_suffix(level->suffix)) {
      out.levels.push_back(*level);
    }
  }
  std::sort(out.links.begin(), out.links.end());
  return out;
}

// Each level names the larger ones, so one that names itself is no principal.
void refuse_larger(const LevelFile& file) {
  const std::optional<Meta> meta = read_meta(file);
  if (!meta || !meta->aggregator) return;
  const std::int64_t own = Interval::parse(file.name.interval)->seconds();
  for (const std::string& larger : *meta->aggregator) {
    const auto interval = Interval::parse(larger);
    if (!interval || interval->seconds() != own) continue;
    throw Error(Kind::corrupt,
                cat(escaped(file.root), " has lost ", escaped(link_name(file.name.filenameroot)),
                    " and its smallest level; name the level that is the smallest, or make a new index with ",
                    "`recentd init --force ", shell_word(file.root), "`"),
                file.path());
  }
}

// A set whose link is missing: its shortest level, if all belong to one set.
std::optional<LevelFile> without_link(const std::string& root, std::vector<LevelName> levels,
                                      const std::optional<std::string>& filenameroot) {
  std::erase_if(levels,
                [&](const LevelName& level) { return filenameroot && level.filenameroot != *filenameroot; });
  if (levels.empty()) return std::nullopt;
  const auto shorter = [](const LevelName& a, const LevelName& b) {
    return Interval::parse(a.interval)->seconds() < Interval::parse(b.interval)->seconds();
  };
  const LevelName principal = *std::min_element(levels.begin(), levels.end(), shorter);
  for (const LevelName& level : levels) {
    if (level.filenameroot != principal.filenameroot) {
      throw Error(Kind::usage,
                  cat(escaped(root), " holds the index files of several sets; pick one with --filenameroot"),
                  root);
    }
  }
  LevelFile file{root, principal};
  refuse_larger(file);
  return file;
}

LevelFile find_in_directory(const std::string& root, const std::optional<std::string>& filenameroot) {
  const std::string preferred = link_name(filenameroot.value_or("RECENT"));
  if (sys::lstat_path(root + "/" + preferred)) return follow_link(root, preferred);
  const Names names = names_in(root);
  if (!filenameroot && names.links.size() == 1) return follow_link(root, names.links.front());
  if (!filenameroot && names.links.size() > 1) {
    std::string list;
    for (const std::string& name : names.links) list += " " + escaped(name);
    throw Error(Kind::usage,
                cat(escaped(root), " holds several index sets:", list, "; pick one with --filenameroot"),
                root);
  }
  if (const auto file = without_link(root, names.levels, filenameroot)) return *file;
  if (sys::lstat_path(root + "/.recentd/state"))
    throw Error(
        Kind::missing,
        cat(escaped(root), " is a mirror that has not shown an index yet, because its first copy is not ",
            "complete; let `recentd mirror` finish it"),
        root);
  throw Error(Kind::missing,
              cat(escaped(root), " has no ", escaped(preferred), "; `recentd init ", shell_word(root),
                  "` makes an index set"),
              root);
}

}  // namespace

void refuse_unfinished(const std::string& root, const std::string& filenameroot) {
  if (!sys::lstat_path(cat(root, "/", init_name(filenameroot)))) return;
  throw Error(Kind::refused,
              cat("the index of ", escaped(root), " is not complete, as `recentd init` is at work or was ",
                  "interrupted; `recentd init ", shell_word(root), "` begins anew"),
              root);
}

LevelFile find_principal(const std::string& directory_or_file,
                         const std::optional<std::string>& filenameroot) {
  if (directory_or_file.empty()) throw Error(Kind::usage, "an empty name is no tree; name its directory");
  const std::string path = absolute_path(directory_or_file);
  const auto facts = sys::stat_path(path);
  if (facts && facts->type == sys::FileType::directory) {
    refuse_unfinished(path, filenameroot.value_or("RECENT"));
    LevelFile file = find_in_directory(path, filenameroot);
    refuse_unfinished(path, file.name.filenameroot);
    return file;
  }
  const std::size_t slash = path.rfind('/');
  const std::string root = slash == 0 ? "/" : path.substr(0, slash), name = path.substr(slash + 1);
  if (!facts && !sys::lstat_path(path)) {
    throw Error(Kind::missing, cat(escaped(path), " is missing; name a tree or make one with `recentd init`"),
                path);
  }
  LevelFile file = follow_link(root, name);
  refuse_unfinished(root, file.name.filenameroot);
  return file;
}

}  // namespace recentd
