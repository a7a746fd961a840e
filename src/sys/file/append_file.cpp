#include "sys/file/append_file.hpp"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "sys/failure.hpp"
#include "sys/fault.hpp"
#include "sys/tree/dir.hpp"

namespace recentd::sys {

namespace {

// Not valid, with errno set, on failure.
Fd open_to_append(const std::string& path) {
  if (const int failure = fault("open", path)) {
    errno = failure;
    return {};
  }
  return Fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666));
}

bool has_name(const Fd& fd, const std::string& path) {
  try {
    const auto ours = facts_of_open(fd.get(), path), there = stat_path(path);
    return ours && there && ours->inode == there->inode && ours->device == there->device;
  } catch (const Error&) {
    return false;
  }
}

}  // namespace

AppendFile::AppendFile(std::string path) : path_(std::move(path)), fd_(open_to_append(path_)) {
  if (!fd_.valid()) fail(Kind::io, "append to", path_, errno);
}

void AppendFile::append(std::string_view text) const {
  while (!text.empty()) {
    if (fault("write", path_) != 0) return;
    const ssize_t written = ::write(fd_.get(), text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
}

void AppendFile::follow_name() {
  if (has_name(fd_, path_)) return;
  if (Fd fresh = open_to_append(path_); fresh.valid()) fd_ = std::move(fresh);
}

std::optional<std::uint64_t> append_to(const std::string& path, std::string_view text) {
  if (fault("open", path) != 0) return std::nullopt;
  const Fd file(::open(path.c_str(), O_WRONLY | O_APPEND | O_NOFOLLOW | O_CLOEXEC));
  while (file.valid() && !text.empty()) {
    const ssize_t written = fault("write", path) != 0 ? 0 : ::write(file.get(), text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  const auto facts = file.valid() ? facts_of_open(file.get(), path) : std::nullopt;
  return facts ? std::optional(facts->size_bytes) : std::nullopt;
}

}  // namespace recentd::sys
