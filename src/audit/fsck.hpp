#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <recentd/clock.hpp>
#include <recentd/delete_limit.hpp>
#include <recentd/origin.hpp>

#include "audit/comparison.hpp"
#include "audit/content_check.hpp"
#include "audit/findings.hpp"
#include "audit/repair/leftovers.hpp"

namespace recentd::audit {

// Checking an origin's tree: index against disk, the index files by themselves and against each other, and
// what dead processes left. Takes no lock and changes nothing.

struct FsckOptions {
  std::string tree;  // a directory, a `.recent` link, or a level's file
  std::optional<std::string> filenameroot;
  // What differs is looked at again after so long, and counts if nothing has changed meanwhile.
  std::chrono::nanoseconds settle = std::chrono::seconds(5);
  unsigned threads = 0;                       // of the walk; 0: as many as there are processors
  std::optional<std::int64_t> changed_since;  // seconds since 1970: files that changed since then, too
  std::optional<ContentCheck> content;        // hold files against a source as well
  PathFilter filter;                          // of files that it does not want nothing is told
  bool digests = false;                       // read files whose events record a digest
};

struct FsckReport {
  std::string root;
  std::uint64_t events = 0;  // over all levels
  std::uint64_t files_on_disk = 0, files_in_index = 0;
  std::uint64_t nameless = 0;     // files that no event can name
  std::uint64_t passed_over = 0;  // events that no mirror acts upon
  std::uint64_t busy = 0;         // paths that went on changing and were not judged
  std::vector<Finding> index;     // of the checks index and levels
  std::vector<Suspect> suspects;  // missing: newest event first; then the others, oldest file first
  // Of these, what the mirror of the tree, if it is one, knows to be missing: why.
  std::map<std::string, std::string, std::less<>> known_missing;
  std::vector<std::string> changed;
  std::vector<Leftover> leftovers;
  std::vector<std::string> old_temporaries;
  std::vector<Finding> unread, content;

  [[nodiscard]] std::uint64_t count(Check check) const;
  [[nodiscard]] std::uint64_t total() const;
};

// The set's layout although its principal may be broken or missing: then another level tells. Throws
// Error{missing} if there is no index file at all, else as open_tree().
TreeLayout layout_for_repair(const std::string& tree, const std::optional<std::string>& filenameroot);

// Memory: 32 to 64 bytes for each path of the index. Throws Error: missing, usage, io,
// transport (of the source).
FsckReport fsck(const FsckOptions& options, Clock& clock);

// All findings, in the order of the checks, as lines for people and programs.
void for_each_finding(const FsckReport& report, const std::function<void(const Finding&)>& each);

}  // namespace recentd::audit
