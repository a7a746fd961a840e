#include "sys/file/part_file.hpp"

#include <algorithm>

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sys/failure.hpp"
#include "sys/fault.hpp"

namespace recentd::sys {
namespace {

constexpr mode_t k_mode = 0666;

Fd make(const std::string& path, int& failure) {
  failure = fault("open", path);
  if (failure != 0) return Fd();
  Fd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, k_mode));
  if (!fd.valid()) failure = errno;
  return fd;
}

}  // namespace

PartFile PartFile::create(std::string path) {
  int failure = 0;
  Fd fd = make(path, failure);
  if (failure == EEXIST && ::unlink(path.c_str()) == 0) fd = make(path, failure);
  if (failure != 0) fail_missing_or_io("make", path, failure);
  return {std::move(path), std::move(fd), 0};
}

std::optional<PartFile> PartFile::resume(std::string path, std::uint64_t bytes) {
  int failure = fault("open", path);
  Fd fd(failure != 0 ? -1 : ::open(path.c_str(), O_WRONLY | O_APPEND | O_NOFOLLOW | O_CLOEXEC));
  if (!fd.valid()) {
    if (failure == 0) failure = errno;
    if (failure == ENOENT || failure == ELOOP || failure == EISDIR || failure == ENXIO) return std::nullopt;
    fail(Kind::io, "open", path, failure);
  }
  struct stat facts {};
  if (::fstat(fd.get(), &facts) != 0) fail(Kind::io, "look at", path, errno);
  if (!S_ISREG(facts.st_mode) || static_cast<std::uint64_t>(facts.st_size) < bytes) return std::nullopt;
  PartFile part(std::move(path), std::move(fd), static_cast<std::uint64_t>(facts.st_size));
  if (part.size_ != bytes && ::ftruncate(part.fd_.get(), static_cast<off_t>(bytes)) != 0)
    fail(Kind::io, "shorten", part.path_, errno);
  part.size_ = bytes;
  return part;
}

void PartFile::append(std::string_view bytes) {
  while (!bytes.empty()) {
    const int failure = fault("write", path_);
    const auto written = failure != 0 ? -1 : ::write(fd_.get(), bytes.data(), bytes.size());
    if (written < 0 && failure == 0 && errno == EINTR) continue;
    if (written < 0) fail(Kind::io, "write", path_, failure != 0 ? failure : errno);
    size_ += static_cast<std::uint64_t>(written);
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
}

void PartFile::resize(std::uint64_t bytes) {
  int failure = fault("ftruncate", path_);
  if (failure == 0 && ::ftruncate(fd_.get(), static_cast<off_t>(bytes)) != 0) failure = errno;
  if (failure != 0) fail(Kind::io, "make room in", path_, failure);
  size_ = bytes;
}

void PartFile::write_at(std::uint64_t from, std::string_view bytes) {
  while (!bytes.empty()) {
    const int failure = fault("write", path_);
    const auto written =
        failure != 0 ? -1 : ::pwrite(fd_.get(), bytes.data(), bytes.size(), static_cast<off_t>(from));
    if (written < 0 && failure == 0 && errno == EINTR) continue;
    if (written < 0) fail(Kind::io, "write", path_, failure != 0 ? failure : errno);
    from += static_cast<std::uint64_t>(written);
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
}

void PartFile::copy_at(std::uint64_t to, const Fd& other, std::uint64_t from, std::uint64_t bytes) {
  constexpr std::uint64_t k_at_once = std::uint64_t{64} << 20;
  while (bytes > 0) {
    auto read_at = static_cast<off_t>(from), write_to = static_cast<off_t>(to);
    int failure = fault("copy_file_range", path_);
    const auto copied = failure != 0 ? -1
                                     : ::copy_file_range(other.get(), &read_at, fd_.get(), &write_to,
                                                         std::min(bytes, k_at_once), 0);
    if (copied == 0) failure = ENODATA;
    if (copied < 0 && failure == 0) failure = errno;
    if (failure == EINTR) continue;
    if (failure == EXDEV || failure == ENOSYS || failure == EOPNOTSUPP || failure == EINVAL)
      return copy_by_hand(to, other, from, bytes);
    if (failure != 0) fail(Kind::io, "write", path_, failure);
    from += static_cast<std::uint64_t>(copied);
    to += static_cast<std::uint64_t>(copied);
    bytes -= static_cast<std::uint64_t>(copied);
  }
}

void PartFile::copy_by_hand(std::uint64_t to, const Fd& other, std::uint64_t from, std::uint64_t bytes) {
  std::string piece(std::size_t{256} << 10, '\0');
  while (bytes > 0) {
    const auto most = static_cast<std::size_t>(std::min<std::uint64_t>(bytes, piece.size()));
    const auto got = ::pread(other.get(), piece.data(), most, static_cast<off_t>(from));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) fail(Kind::io, "read what is to be in", path_, got < 0 ? errno : ENODATA);
    write_at(to, std::string_view(piece).substr(0, static_cast<std::size_t>(got)));
    from += static_cast<std::uint64_t>(got);
    to += static_cast<std::uint64_t>(got);
    bytes -= static_cast<std::uint64_t>(got);
  }
}

void PartFile::clear() {
  if (::ftruncate(fd_.get(), 0) != 0 || ::lseek(fd_.get(), 0, SEEK_SET) < 0)
    fail(Kind::io, "shorten", path_, errno);
  size_ = 0;
}

void PartFile::set_time(std::int64_t seconds, std::uint32_t nanoseconds) {
  const timespec times[2] = {{0, UTIME_OMIT}, {seconds, static_cast<long>(nanoseconds)}};
  if (::futimens(fd_.get(), times) != 0) fail(Kind::io, "set the time of", path_, errno);
}

void make_part_link(const std::string& path, const std::string& target,
                    const std::optional<std::chrono::nanoseconds>& mtime) {
  int failure = fault("symlink", path);
  if (failure == 0 && ::symlink(target.c_str(), path.c_str()) != 0) failure = errno;
  if (failure != 0) fail_missing_or_io("make", path, failure);
  if (!mtime) return;
  const auto whole = std::chrono::floor<std::chrono::seconds>(*mtime);
  const timespec times[2] = {{0, UTIME_OMIT}, {whole.count(), (*mtime - whole).count()}};
  if (::utimensat(AT_FDCWD, path.c_str(), times, AT_SYMLINK_NOFOLLOW) != 0)
    fail(Kind::io, "set the time of", path, errno);
}

}  // namespace recentd::sys
