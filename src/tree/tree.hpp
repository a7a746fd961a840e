#pragma once

#include "recentfile/store.hpp"

#include <recentd/interval.hpp>

#include <optional>
#include <string>
#include <vector>

namespace recentd {

// Which index set a user means by a directory, a `.recent` link or a level's file (DECISIONS 1), and its levels.
struct TreeLayout {
  std::string root;                       // absolute directory
  std::string filenameroot;
  std::string suffix;                     // of the principal
  std::vector<Interval> levels;           // principal first, then ascending
  std::vector<std::string> remarks;       // warnings worth telling (doubled spec, no Z, meta that disagrees ...)

  [[nodiscard]] LevelFile file(std::size_t level) const;
  [[nodiscard]] const Interval& principal() const { return levels.front(); }
};

// Finds the set. `filenameroot` picks one where a directory holds several.
// Throws Error{missing} if there is none (naming `recentd init`), Error{usage} listing several, Error{corrupt}.
TreeLayout open_tree(const std::string& directory_or_file, const std::optional<std::string>& filenameroot = {});

}  // namespace recentd
