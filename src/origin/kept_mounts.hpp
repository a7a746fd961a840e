#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "sys/tree/dir.hpp"

namespace recentd {

// The file systems that are mounted below a root, as they were seen last: kept outside the tree from one
// command to the next, since what lies below one that is not mounted now is not known to be deleted.

struct KeptMount {
  std::uint64_t device = 0;         // when it was seen last
  std::int64_t absent_since_s = 0;  // seconds since 1970 when it was missed first; 0: it was there
  bool operator==(const KeptMount&) const = default;
};

struct KeptMounts {
  std::map<std::string, KeptMount> by_path;  // relative to the root
  std::set<std::string> accepted;            // an operator said that these are gone for good
  bool operator==(const KeptMounts&) const = default;
};

// Empty if nothing is known of this very directory; what cannot be read counts as not known.
KeptMounts read_mounts(const std::string& state_directory, const sys::Dir& root);
// Makes the directory if it is missing; without any mount nothing is made. Throws Error{io}.
void write_mounts(const std::string& state_directory, const sys::Dir& root, const KeptMounts& mounts);

// Those that are mounted now, by the kernel's list and by their devices.
KeptMounts mounted_now(const sys::Dir& root);
// Those of `kept` that are not mounted now and not accepted.
std::map<std::string, KeptMount> absent_mounts(const sys::Dir& root, const KeptMounts& kept);

// Adds what is mounted now to what is kept, and what an operator accepts. Throws Error{io}.
void remember_mounts(const std::string& state_directory, const sys::Dir& root,
                     const std::set<std::string>& accepted);

// What an operator should know of one that is absent.
std::string words_for_absent(const std::string& root, const std::string& path, const KeptMount& mount);

}  // namespace recentd
