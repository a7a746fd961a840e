#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <recentd/origin.hpp>
#include <recentd/path.hpp>

#include "model/event_list.hpp"
#include "origin/walk.hpp"
#include "sys/tree/dir.hpp"

namespace recentd {

// The optional keys of an event (`size`, `mtime`, `digest`, `link`), as what is on disk has them now: size in
// bytes, mtime in seconds with up to nine digits behind the dot, digest as `blake2b-256:` and 64 hexadecimal
// digits. A link has no size and no digest, and its text only if that is UTF-8 without control characters;
// what is no file and no link, is gone, or cannot be read, has nothing; a file that changes while it is read
// has no digest.
using Details = std::vector<std::pair<std::string, std::string>>;
Details details_of(const sys::Dir& root, const RelPath& path, const Record& record);

// Those of all files of a tree, taken once and packed: about 50 bytes a file, with digests 120. Safe to share
// when const.
class DetailsTable {
 public:
  // Looks at the files with several threads; `files` must outlive nothing but this call.
  DetailsTable(const std::string& root, const Bookkeeping& bookkeeping, const std::vector<TreeFile>& files,
               const Record& record);
  // By the file's place; empty if nothing is known.
  [[nodiscard]] Details of(std::size_t place) const;

 private:
  std::vector<std::string_view> packed_;
  std::vector<TextArena> texts_;  // one for each thread
};

}  // namespace recentd
