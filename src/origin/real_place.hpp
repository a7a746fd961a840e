#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/path_hash.hpp"
#include "sys/tree/dir.hpp"
#include "sys/tree/way.hpp"

namespace recentd {

// Where names below a tree's root really lie: a link on the way to a name leads to another place. The name
// itself is not followed if it is a link. What is not there goes on by its text. Not for use from two
// threads.
class RealPlaces {
 public:
  // The root, absolute; links above it are nobody's business.
  explicit RealPlaces(std::string root);

  // Whether there is no link on the way to a path below the root (without `.`, `..` and doubled slashes).
  // Each directory is looked at once, so this is for a batch and not for long.
  [[nodiscard]] bool is_straight(std::string_view path);

  struct Place {
    // Relative to the root; nothing outside of it, for the root itself, and where links go in a circle.
    std::optional<std::string> path = {};
    std::string link = {};  // the first one on the way, absolute; empty: there is none below the root
  };
  // Any path, absolute or relative to the root, with whatever components. Throws Error{io}.
  [[nodiscard]] Place follow(std::string_view path);

 private:
  sys::Way way_to(std::string_view directory);
  [[nodiscard]] std::optional<sys::Way> known_by(std::string_view directory);

  std::string root_;
  std::optional<sys::Dir> directory_;
  std::unordered_map<std::string, sys::Way, PathHash, std::equal_to<>> known_;
  std::string nothing_;  // a directory that is not there, of the last one that was looked up; empty: none
  std::string parent_;   // of the path looked at last; empty: the root
  bool straight_ = true;
  std::optional<std::string> real_root_;
};

}  // namespace recentd
