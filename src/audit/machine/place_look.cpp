#include "audit/machine/place_look.hpp"

#include "base/directories.hpp"
#include "base/shell_word.hpp"
#include "base/text.hpp"
#include "sys/machine.hpp"
#include "sys/process/identity.hpp"
#include "sys/tree/dir.hpp"

namespace recentd::audit {

namespace {

constexpr std::uint64_t k_mebi = std::uint64_t{1} << 20;

std::string share(std::uint64_t part, std::uint64_t whole) {
  return whole == 0 ? std::string("0%") : cat(part * 100 / whole, "%");
}

}  // namespace

PlaceLook look_at_place(const std::string& path) {
  PlaceLook look{.path = path};
  const auto facts = sys::stat_path(path);
  if (!facts) return look;
  look.there = true;
  look.directory = facts->type == sys::FileType::directory;
  look.readable = sys::may(path, sys::Right::read);
  look.writable = sys::may(path, sys::Right::write_into);
  look.owner = sys::user_name(facts->owner);
  if (look.directory) look.room = sys::disk_room(path);
  return look;
}

std::string own_name() {
  return sys::user_name(sys::own_user());
}

bool judge_directory(const PlaceLook& look, const std::string& what, const std::string& user,
                     MachineFindings& findings) {
  const auto path = shell_word(look.path);
  if (!look.directory) {
    findings.bad(Kind::io, cat(what, " ", quoted(look.path), " is no directory"),
                 {cat("mv ", path, " ", shell_word(look.path + ".old")),
                  cat("install -d -o ", shell_word(user), " ", path)});
    return false;
  }
  if (look.room && look.room->read_only) {
    findings.bad(
        Kind::io, cat(what, " ", quoted(look.path), " lies on a file system that is mounted read-only"),
        {cat("findmnt -T ", path), cat("mount -o remount,rw \"$(findmnt -n -o TARGET -T ", path, ")\"")});
    return false;
  }
  if (!look.writable) {
    findings.bad(
        Kind::io,
        cat(what, " ", quoted(look.path), " belongs to ", look.owner, ", and ", user, " may not write there"),
        {cat("chown -R ", shell_word(user), ": ", path)});
    return false;
  }
  return true;
}

void judge_room(const PlaceLook& look, const std::string& what, MachineFindings& findings) {
  if (!look.room || look.room->read_only || !sys::is_scarce(*look.room)) return;
  const auto& room = *look.room;
  const auto path = shell_word(look.path);
  const bool files = room.files != 0 && room.files_free < room.files / 20;
  if (files)
    findings.odd(cat("the file system of ", what, " ", quoted(look.path), " has ", room.files_free, " of ",
                     room.files, " inodes left (", share(room.files_free, room.files),
                     "), one for each file: soon no file can be made there"),
                 {cat("df -i ", path)});
  if (!files || room.bytes_free < room.bytes / 20)
    findings.odd(cat("the file system of ", what, " ", quoted(look.path), " has ", room.bytes_free / k_mebi,
                     " of ", room.bytes / k_mebi, " MiB left (", share(room.bytes_free, room.bytes),
                     "): soon no file can be written there"),
                 {cat("df -h ", path)});
}

}  // namespace recentd::audit
