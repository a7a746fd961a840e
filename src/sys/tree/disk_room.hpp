#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace recentd::sys {

// What a file system tells of itself.
struct DiskRoom {
  std::uint64_t bytes = 0, bytes_free = 0;  // free: for us
  std::uint64_t files = 0, files_free = 0;  // files: 0 where it has no such limit
  bool read_only = false;
};

// So little room that a write may well have failed for it: what did not fit may have been taken away since.
// Pure.
[[nodiscard]] bool is_scarce(const DiskRoom& room) noexcept;

// Of the file system that a directory lies in; nothing if it cannot be looked at.
[[nodiscard]] std::optional<DiskRoom> disk_room(const std::string& directory);

// is_scarce() of the file system that a directory lies in, or it cannot be written or looked at.
[[nodiscard]] bool has_disk_trouble(const std::string& directory);

// What is free for us where a directory lies; 0 if it cannot be looked at.
[[nodiscard]] std::uint64_t bytes_free(const std::string& directory);

}  // namespace recentd::sys
