#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include <recentd/path.hpp>

namespace recentd {

// One file or link of a tree.
struct TreeFile {
  std::string path;          // relative to the root
  std::int64_t mtime_s = 0;  // of the link itself, if it is one
};

// All regular files and symbolic links below root, links not followed, other types and bookkeeping names left
// out; in no order. Names that cannot be events are told to `on_warning`. Throws Error{missing, io}.
std::vector<TreeFile> walk_tree(const std::string& root, const Bookkeeping& bookkeeping,
                                const std::function<void(const std::string&)>& on_warning);

}  // namespace recentd
