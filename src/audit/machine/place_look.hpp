#pragma once

#include <optional>
#include <string>

#include "audit/machine/finding.hpp"
#include "sys/tree/disk_room.hpp"

namespace recentd::audit {

// A file or directory as it is for the user that asks. Values.
struct PlaceLook {
  std::string path;
  bool there = false;
  bool directory = false;
  bool readable = false;
  bool writable = false;  // of a directory: names in it can be made
  std::string owner = {};
  std::optional<sys::DiskRoom> room = {};  // of a directory
};

// Links are followed. Throws Error{io}.
PlaceLook look_at_place(const std::string& path);

// Who asks, and would work: his name.
std::string own_name();

// A directory that has to be written, by what it is ("target"): tells what keeps us from it. False if
// nothing more is to be said of it.
bool judge_directory(const PlaceLook& look, const std::string& what, const std::string& user,
                     MachineFindings& findings);
// Room and inodes of its file system. Pure, as the above.
void judge_room(const PlaceLook& look, const std::string& what, MachineFindings& findings);

}  // namespace recentd::audit
