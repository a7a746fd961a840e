#include "tree/tree.hpp"

#include <algorithm>

#include <recentd/error.hpp>

#include "base/shell_word.hpp"
#include "base/text.hpp"
#include "sys/tree/dir.hpp"
#include "sys/tree/paths.hpp"
#include "tree/find.hpp"

namespace recentd {

namespace {

constexpr std::size_t k_max_levels = 32;

Interval interval_of(const LevelFile& file) {
  if (const auto interval = Interval::parse(file.name.interval)) return *interval;
  throw Error(Kind::corrupt,
              cat(escaped(file.path()), ": ", recentd::quoted(file.name.interval),
                  " is no interval like 1h, 6h, 1d or Z"),
              file.path());
}

std::string regular_link_path(const LevelFile& file) {
  return file.root + "/" + link_name(file.name.filenameroot);
}

// The regular file that stands where the link should be, if it is this level's. What is no index is only in
// the link's way, but for a set that has nothing else.
std::optional<LevelContent> read_regular_link(const LevelFile& file, Reader reader) {
  const std::string path = regular_link_path(file);
  const auto facts = sys::lstat_path(path);
  if (!facts || facts->type != sys::FileType::regular) return std::nullopt;
  const auto bytes = sys::read_file(path);
  try {
    LevelContent level = read_level_bytes(bytes, codec::sniff(bytes->view()), path, reader);
    level.mtime_s = facts->mtime_s;
    if (level.meta.interval != file.name.interval) return std::nullopt;
    return level;
  } catch (const Error& error) {
    if (error.kind() != Kind::corrupt || !sys::stat_path(file.path())) throw;
    return std::nullopt;
  }
}

}  // namespace

LevelFile TreeLayout::file(std::size_t level) const {
  return {root, {filenameroot, levels.at(level).spec(), suffix}};
}

std::string absolute_path(const std::string& path) {
  std::string text = sys::absolute_path(path);
  while (text.size() > 1 && text.back() == '/') text.pop_back();
  return text;
}

std::vector<Interval> levels_by_meta(const LevelFile& principal, const Meta& meta,
                                     std::vector<std::string>& remarks) {
  const Interval shortest = interval_of(principal);
  std::vector<Interval> levels;
  try {
    levels = level_order(shortest, meta.aggregator.value_or(std::vector<std::string>{}), &remarks);
  } catch (const Error& error) {
    throw Error(error.kind(), cat(escaped(principal.path()), ": ", error.what()), principal.path());
  }
  if (levels.size() > k_max_levels) {
    throw Error(Kind::corrupt,
                cat(escaped(principal.path()), " names ", levels.size(), " levels, more than ", k_max_levels),
                principal.path());
  }
  if (!levels.back().is_z())
    remarks.push_back(cat(escaped(principal.name.file()), ": the chain of levels ends at ",
                          levels.back().spec(), ", not at Z: older events get lost"));
  return levels;
}

std::optional<LevelContent> read_principal(const LevelFile& file, Reader reader) {
  std::optional<LevelContent> level = read_level(file, reader), other = read_regular_link(file, reader);
  if (!other) return level;
  if (!level) return other;
  const bool newer = other->newest() && (!level->newest() || *level->newest() < *other->newest());
  return newer ? std::move(other) : std::move(level);
}

bool has_regular_link(const LevelFile& file) {
  const auto facts = sys::lstat_path(regular_link_path(file));
  return facts && facts->type == sys::FileType::regular;
}

bool has_strange_link(const LevelFile& file) {
  return has_regular_link(file) && !read_regular_link(file, Reader::writer);
}

std::string missing_level(const LevelFile& file) {
  return cat(escaped(file.path()), " is missing; `recentd fsck ", shell_word(file.root),
             "` tells what else is");
}

std::optional<Meta> read_principal_meta(const LevelFile& file) {
  if (!has_regular_link(file)) return read_meta(file);
  std::optional<LevelContent> level = read_principal(file, Reader::mirror);
  if (!level) return std::nullopt;
  return std::move(level->meta);
}

TreeLayout open_tree(const std::string& directory_or_file, const std::optional<std::string>& filenameroot) {
  const LevelFile principal = find_principal(directory_or_file, filenameroot);
  const std::optional<Meta> meta = read_principal_meta(principal);
  if (!meta) {
    throw Error(Kind::missing,
                cat(escaped(principal.path()), " is missing; `recentd init ", shell_word(principal.root),
                    "` makes an index set"),
                principal.path());
  }
  TreeLayout layout{principal.root, principal.name.filenameroot, principal.name.suffix, {}, {}};
  layout.levels = levels_by_meta(principal, *meta, layout.remarks);
  if (const std::string difference = disagreement(principal, *meta); !difference.empty()) {
    layout.remarks.push_back(
        cat(escaped(principal.path()), " is not what its name says: its meta part has ", difference));
  }
  return layout;
}

}  // namespace recentd
