#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string_view>

#include "sys/tree/dir.hpp"

namespace recentd::sys {

// Reads a whole tree with several threads: getdents64 and statx, directories from a shared stack of names, so
// that neither depth nor width costs descriptors.

// One name of a directory; the text lives as long as the call that hands it out.
struct WalkEntry {
  std::string_view name;
  FileFacts facts;      // of a link itself
  bool descend = true;  // of a directory: what the visitor leaves here
};

struct TreeWalk {
  // type: of an entry's facts its type and inode alone, and 0 links. Three times as fast.
  enum class Facts : std::uint8_t { all, type } facts = Facts::all;
  // Called with some entries of a directory ("" is the root), by several threads at once; `worker` tells them
  // apart: below `threads`. A directory's own entries come after the call that had it as an entry, and not at
  // all if that call cleared `descend`. What vanished meanwhile is left out. May throw.
  std::function<void(unsigned worker, std::string_view directory, std::span<WalkEntry> entries)> visit;
  // Called, by one thread at a time, for each directory that cannot be read. Without it that is an Error.
  std::function<void(std::string_view directory, int errno_value)> unreadable;
  unsigned threads = 0;  // 0: as many as there are processors, at most 8
};

// How many threads a walk would use at most.
unsigned walk_threads(const TreeWalk& walk) noexcept;

// Walks everything below a directory of the root ("": the root itself), links not followed. A start that is
// not there, or no directory, is an empty walk. Returns when all threads are done; throws the first error of
// any, and Error{io} if the root itself cannot be read.
void walk_tree(const Dir& root, std::string_view start, const TreeWalk& walk);

}  // namespace recentd::sys
