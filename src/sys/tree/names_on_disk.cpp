#include <cstdio>
#include <memory>

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sys/failure.hpp"
#include "sys/fault.hpp"
#include "sys/file/file_facts.hpp"
#include "sys/tree/dir.hpp"

// The operations of dir.hpp on paths that the user or the configuration named: links are followed there.
namespace recentd::sys {

namespace {

bool means_absent(int errno_value) noexcept {
  return errno_value == ENOENT || errno_value == ENOTDIR;
}

FileType type_of(mode_t mode) noexcept {
  if (S_ISREG(mode)) return FileType::regular;
  if (S_ISLNK(mode)) return FileType::symlink;
  return S_ISDIR(mode) ? FileType::directory : FileType::other;
}

using StatCall = int (*)(const char*, struct stat*);

std::optional<FileFacts> look_at(const std::string& path, std::string_view operation, StatCall call) {
  int failure = fault(operation, path);
  struct stat facts {};
  if (failure == 0 && call(path.c_str(), &facts) != 0) failure = errno;
  if (failure == 0) return facts_of(facts);
  if (means_absent(failure)) return std::nullopt;
  fail(Kind::io, "look at", path, failure);
}

}  // namespace

FileFacts facts_of(const struct stat& facts) noexcept {
  FileFacts out;
  out.type = type_of(facts.st_mode);
  out.size_bytes = static_cast<std::uint64_t>(facts.st_size);
  out.mtime_s = facts.st_mtim.tv_sec;
  out.mtime_ns = static_cast<std::uint32_t>(facts.st_mtim.tv_nsec);
  out.inode = facts.st_ino;
  out.device = facts.st_dev;
  out.changed_ns = facts.st_ctim.tv_sec * 1'000'000'000 + facts.st_ctim.tv_nsec;
  out.links = static_cast<std::uint32_t>(facts.st_nlink);
  out.mode = facts.st_mode & 07777;
  out.owner = facts.st_uid;
  return out;
}

std::optional<FileFacts> lstat_path(const std::string& path) {
  return look_at(path, "lstat", ::lstat);
}

std::optional<FileFacts> stat_path(const std::string& path) {
  return look_at(path, "stat", ::stat);
}

std::optional<FileFacts> facts_of_open(int fd, std::string_view path) {
  struct stat facts {};
  if (fault("fstat", path) != 0 || ::fstat(fd, &facts) != 0) return std::nullopt;
  return facts_of(facts);
}

bool make_directory(const std::string& path, unsigned mode) {
  int failure = fault("mkdir", path);
  if (failure == 0 && ::mkdir(path.c_str(), static_cast<mode_t>(mode)) != 0) failure = errno;
  if (failure == EEXIST) return false;
  if (failure != 0) fail_missing_or_io("make the directory", path, failure);
  return true;
}

std::optional<std::string> read_link(const std::string& path) {
  int failure = fault("readlink", path);
  std::string target(PATH_MAX, '\0');
  const ssize_t length = failure != 0 ? -1 : ::readlink(path.c_str(), target.data(), target.size());
  if (length >= 0) {
    target.resize(static_cast<std::size_t>(length));
    return target;
  }
  if (failure == 0) failure = errno;
  if (failure == EINVAL || means_absent(failure)) return std::nullopt;
  fail(Kind::io, "read the link", path, failure);
}

void make_readable(const std::string& path) {
  int failure = fault("chmod", path);
  if (failure == 0 && ::chmod(path.c_str(), 0644) != 0) failure = errno;
  if (failure != 0) fail_missing_or_io("make readable", path, failure);
}

void rename_file(const std::string& from, const std::string& to) {
  int failure = fault("rename", to);
  if (failure == 0 && std::rename(from.c_str(), to.c_str()) != 0) failure = errno;
  if (failure != 0) fail_missing_or_io("rename", from, failure);
}

void link_file(const std::string& from, const std::string& to) {
  int failure = fault("link", to);
  if (failure == 0 && ::link(from.c_str(), to.c_str()) != 0) failure = errno;
  if (failure != 0) fail_missing_or_io("make the hard link", to, failure);
}

bool unlink_file(const std::string& path) {
  int failure = fault("unlink", path);
  if (failure == 0 && ::unlink(path.c_str()) != 0) failure = errno;
  if (failure == 0) return true;
  if (means_absent(failure)) return false;
  fail(Kind::io, "remove", path, failure);
}

std::optional<std::string> real_path(const std::string& path) {
  const std::unique_ptr<char, void (*)(void*)> resolved(::realpath(path.c_str(), nullptr), ::free);
  if (resolved) return std::string(resolved.get());
  if (means_absent(errno)) return std::nullopt;
  fail(Kind::io, "resolve", path, errno);
}

}  // namespace recentd::sys
