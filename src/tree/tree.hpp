#pragma once

#include <optional>
#include <string>
#include <vector>

#include <recentd/interval.hpp>

#include "recentfile/store.hpp"

namespace recentd {

// Which index set a user means by a directory, a `.recent` link or a level's file, and its levels.
struct TreeLayout {
  std::string root;  // absolute directory
  std::string filenameroot;
  std::string suffix;                // of the principal
  std::vector<Interval> levels;      // principal first, then ascending
  std::vector<std::string> remarks;  // warnings worth telling (doubled spec, no Z, meta that disagrees ...)

  [[nodiscard]] LevelFile file(std::size_t level) const;
  [[nodiscard]] const Interval& principal() const { return levels.front(); }
};

// Finds the set. `filenameroot` picks one where a directory holds several.
// Throws Error{missing} if there is none (naming `recentd init`), Error{usage} listing several,
// Error{corrupt}.
TreeLayout open_tree(const std::string& directory_or_file,
                     const std::optional<std::string>& filenameroot = {});

// The path made absolute and free of `.`, `..` and doubled slashes, by its text alone: links are kept as
// spelled.
std::string absolute_path(const std::string& path);

// The levels by the principal's meta part, in order; with remarks, at most 32 of them.
// Throws Error{corrupt} on an invalid interval or a longer list.
std::vector<Interval> levels_by_meta(const LevelFile& principal, const Meta& meta,
                                     std::vector<std::string>& remarks);

// The principal's content. Some writers replace the `.recent` link by a regular file and write only there
// (recentd-perl(7), Go replaces the link by a file): if that one has newer events than the level's file, or
// the latter is missing, it is what counts. Nothing if there is neither. Throws as read_level().
std::optional<LevelContent> read_principal(const LevelFile& file, Reader reader);
// True if a regular file stands in the link's place, whatever it is.
bool has_regular_link(const LevelFile& file);
// True if a regular file that is no index of this level stands in the link's place.
bool has_strange_link(const LevelFile& file);
// The meta part of that content alone.
std::optional<Meta> read_principal_meta(const LevelFile& file);
// What is said of one that is not there.
std::string missing_level(const LevelFile& file);

}  // namespace recentd
