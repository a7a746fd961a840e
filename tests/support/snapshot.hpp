#pragma once

#include <map>
#include <string>

#include <sys/types.h>

namespace recentd::test {

// What there is to see of one name.
struct NameFacts {
  mode_t mode = 0;
  ino_t inode = 0;
  std::string mtime,
      ctime;  // "seconds.nanoseconds"; empty for directories, which change with a lock that comes and goes
  std::string bytes;  // of a file; a link's text
};

// Everything below a directory, by relative name.
using Snapshot = std::map<std::string, NameFacts>;
Snapshot snapshot(const std::string& directory);

// What changed between the two, one name a line; empty if nothing did.
std::string changes(const Snapshot& before, const Snapshot& after);

}  // namespace recentd::test
