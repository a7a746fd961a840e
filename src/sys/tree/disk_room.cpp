#include "sys/tree/disk_room.hpp"

#include <sys/statvfs.h>
#include <unistd.h>

#include "sys/fault.hpp"

namespace recentd::sys {

namespace {

constexpr std::uint64_t k_few_bytes = std::uint64_t{64} << 20;
constexpr std::uint64_t k_small_part = 20;

}  // namespace

bool is_scarce(const DiskRoom& room) noexcept {
  return room.read_only || room.bytes_free < k_few_bytes || room.bytes_free < room.bytes / k_small_part ||
         (room.files != 0 && room.files_free < room.files / k_small_part);
}

std::optional<DiskRoom> disk_room(const std::string& directory) {
  struct statvfs facts {};
  if (fault("statvfs", directory) != 0 || ::statvfs(directory.c_str(), &facts) != 0) return std::nullopt;
  const std::uint64_t block = facts.f_frsize;
  return DiskRoom{facts.f_blocks * block, facts.f_bavail * block, facts.f_files, facts.f_favail,
                  (facts.f_flag & ST_RDONLY) != 0};
}

bool has_disk_trouble(const std::string& directory) {
  const auto room = disk_room(directory);
  return !room || ::access(directory.c_str(), W_OK | X_OK) != 0 || is_scarce(*room);
}

std::uint64_t bytes_free(const std::string& directory) {
  const auto room = disk_room(directory);
  return room ? room->bytes_free : 0;
}

}  // namespace recentd::sys
