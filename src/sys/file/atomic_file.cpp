#include "sys/file/atomic_file.hpp"

#include <algorithm>
#include <cstring>
#include <system_error>
#include <thread>

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.hpp"
#include "sys/failure.hpp"
#include "sys/fault.hpp"
#include "sys/file/disk_writer.hpp"
#include "sys/file/durable.hpp"
#include "sys/process/signal_free_thread.hpp"
#include "sys/tree/dir.hpp"

namespace recentd::sys {

namespace {

constexpr std::size_t k_large_bytes = std::size_t{8} << 20;
constexpr std::size_t k_direct_bytes = std::size_t{16} << 10;  // more than this is not worth buffering

// Not for a directory or a link: those keep the mode of a new file.
std::optional<mode_t> mode_of(const std::string& path) noexcept {
  struct stat facts {};
  if (::lstat(path.c_str(), &facts) != 0 || !S_ISREG(facts.st_mode)) return std::nullopt;
  return facts.st_mode & 0777;
}

// Freeing the blocks of a large file takes long; nobody needs to wait for it.
void close_aside(Fd file) noexcept {
  try {
    signal_free_thread([held = std::move(file)] {}).detach();
  } catch (const std::system_error&) {
    return;  // it was closed on the way
  }
}

timespec to_timespec(TimePoint time) noexcept {
  using namespace std::chrono;
  const auto whole = floor<seconds>(time);
  return {whole.time_since_epoch().count(), (time - whole).count()};
}

}  // namespace

struct AtomicFile::Impl {
  Impl(std::string path_arg, std::string temp_arg, Fsync fsync_arg);
  ~Impl();
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  void create();
  void set_mode() const;
  void reserve_space(std::size_t expected_bytes);
  void make_room(std::size_t n);
  void flush();
  void replace_start(std::string_view bytes);
  void set_mtime(TimePoint mtime) const;
  void sync_data() const;
  void commit(const std::optional<TimePoint>& mtime);

  const std::string path;
  const std::string temp;
  const Fsync fsync;
  Fd file;
  std::optional<DiskWriter> disk;
  DiskWriter::Buffer buffer;
  std::size_t capacity = 0;   // of the buffer, which is made when it is needed
  std::size_t used = 0;       // bytes in it
  bool preallocated = false;  // the file is longer than what was written
  bool broken = false;        // a write failed: what the file holds is not what was asked for
  bool temp_exists = false;
};

AtomicFile::Impl::Impl(std::string path_arg, std::string temp_arg, Fsync fsync_arg)
    : path(std::move(path_arg)), temp(std::move(temp_arg)), fsync(fsync_arg) {}

AtomicFile::Impl::~Impl() {
  if (temp_exists) ::unlink(temp.c_str());
}

void AtomicFile::Impl::create() {
  constexpr int k_flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW;
  int failure = fault("open", temp);
  if (failure == 0) {
    file = Fd(::open(temp.c_str(), k_flags, 0666));
    if (!file.valid() && errno == EEXIST) {
      unlink_file(temp);
      file = Fd(::open(temp.c_str(), k_flags, 0666));
    }
    if (!file.valid()) failure = errno;
  }
  if (failure != 0) fail_missing_or_io("create", temp, failure);
  temp_exists = true;
  disk.emplace(file.get(), temp,
               fsync == Fsync::none ? DiskWriter::EarlySync::no : DiskWriter::EarlySync::yes);
  set_mode();
}

void AtomicFile::Impl::set_mode() const {
  struct stat facts {};
  if (::fstat(file.get(), &facts) != 0) fail(Kind::io, "look at", temp, errno);
  const mode_t made = facts.st_mode & 0777;
  const mode_t wanted = mode_of(path).value_or(made) | 0444;
  if (wanted == made) return;
  int failure = fault("chmod", temp);
  if (failure == 0 && ::fchmod(file.get(), wanted) != 0) failure = errno;
  if (failure != 0) fail(Kind::io, "set the mode of", temp, failure);
}

// Only a hint: the estimate may be too high for a nearly full disk on which the content does fit.
void AtomicFile::Impl::reserve_space(std::size_t expected_bytes) {
  if (expected_bytes <= k_large_bytes) return;
  disk->go_behind();
  preallocated = true;
  if (::fallocate(file.get(), 0, 0, static_cast<off_t>(expected_bytes)) == 0) return;
  if (::ftruncate(file.get(), 0) != 0) fail(Kind::io, "truncate", temp, errno);
}

void AtomicFile::Impl::make_room(std::size_t n) {
  if (capacity - used >= n && capacity > 0) return;
  if (used > 0) flush();
  if (capacity >= n && capacity > 0) return;
  capacity = std::max(n, DiskWriter::k_buffer_bytes);
  buffer.reset(new char[capacity]);
}

void AtomicFile::Impl::flush() {
  if (used == 0) return;
  broken = true;
  if (capacity == DiskWriter::k_buffer_bytes)
    disk->append(buffer, used);
  else
    disk->append(buffer.get(), used);
  used = 0;
  broken = false;
}

void AtomicFile::Impl::replace_start(std::string_view bytes) {
  flush();
  disk->finish();
  broken = true;
  for (std::size_t done = 0; done < bytes.size();) {
    if (const int failure = fault("write", temp)) fail(Kind::io, "write", temp, failure);
    const ssize_t now =
        ::pwrite(file.get(), bytes.data() + done, bytes.size() - done, static_cast<off_t>(done));
    if (now < 0 && errno == EINTR) continue;
    if (now <= 0) fail(Kind::io, "write", temp, now < 0 ? errno : ENOSPC);
    done += static_cast<std::size_t>(now);
  }
  broken = false;
}

void AtomicFile::Impl::set_mtime(TimePoint mtime) const {
  const timespec times[2] = {{0, UTIME_OMIT}, to_timespec(mtime)};
  int failure = fault("utimens", temp);
  if (failure == 0 && ::futimens(file.get(), times) != 0) failure = errno;
  if (failure != 0) fail(Kind::io, "set the time of", temp, failure);
}

void AtomicFile::Impl::sync_data() const {
  if (fsync == Fsync::none) return;
  int failure = fault("fsync", temp);
  const bool whole = fsync == Fsync::full;
  if (failure == 0 && (whole ? ::fsync(file.get()) : ::fdatasync(file.get())) != 0) failure = errno;
  if (failure != 0) fail(Kind::io, "sync", temp, failure);
}

void AtomicFile::Impl::commit(const std::optional<TimePoint>& mtime) {
  if (broken) throw Error(Kind::internal, cat("commit of ", quoted(path), " after a failed write"), path);
  flush();
  disk->finish();
  if (preallocated) {
    int failure = fault("ftruncate", temp);
    if (failure == 0 && ::ftruncate(file.get(), static_cast<off_t>(disk->size())) != 0) failure = errno;
    if (failure != 0) fail(Kind::io, "truncate", temp, failure);
  }
  if (mtime) set_mtime(*mtime);
  sync_data();
  const auto directory = fsync == Fsync::full ? std::optional<DirectorySync>(path) : std::nullopt;
  // While this is open, the rename does not wait for the old file's blocks to be freed.
  Fd replaced(::open(path.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
  int failure = fault("rename", path);
  if (failure == 0 && ::rename(temp.c_str(), path.c_str()) != 0) failure = errno;
  if (failure != 0) fail(Kind::io, "rename the new file to", path, failure);
  temp_exists = false;
  if (disk->size() > k_large_bytes) close_aside(std::move(replaced));
  if (directory) directory->sync();
}

AtomicFile::AtomicFile(std::string path, std::string temp_path, Fsync fsync, std::size_t expected_bytes)
    : impl_(std::make_unique<Impl>(std::move(path), std::move(temp_path), fsync)) {
  impl_->create();
  impl_->reserve_space(expected_bytes);
}

AtomicFile::~AtomicFile() = default;

void AtomicFile::write(std::string_view bytes) {
  if (bytes.size() >= k_direct_bytes) {
    impl_->flush();
    impl_->broken = true;
    impl_->disk->append(bytes.data(), bytes.size());
    impl_->broken = false;
    return;
  }
  while (!bytes.empty()) {
    impl_->make_room(1);
    const std::size_t part = std::min(bytes.size(), impl_->capacity - impl_->used);
    std::memcpy(impl_->buffer.get() + impl_->used, bytes.data(), part);
    impl_->used += part;
    bytes.remove_prefix(part);
  }
}

char* AtomicFile::reserve(std::size_t n) {
  impl_->make_room(n);
  return impl_->buffer.get() + impl_->used;
}

void AtomicFile::advance(std::size_t filled) noexcept {
  impl_->used += filled;
}

void AtomicFile::replace_start(std::string_view bytes) {
  impl_->replace_start(bytes);
}

std::uint64_t AtomicFile::size() const noexcept {
  return impl_->disk->size() + impl_->used;
}

void AtomicFile::commit(const std::optional<TimePoint>& mtime) {
  impl_->commit(mtime);
}

}  // namespace recentd::sys
