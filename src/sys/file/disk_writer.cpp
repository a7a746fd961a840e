#include "sys/file/disk_writer.hpp"

#include <system_error>

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "sys/failure.hpp"
#include "sys/fault.hpp"
#include "sys/process/signal_free_thread.hpp"

namespace recentd::sys {

namespace {

constexpr std::uint64_t k_early_sync_bytes = std::uint64_t{8} << 20;
constexpr std::size_t k_spare_buffers = 2;

}  // namespace

DiskWriter::~DiskWriter() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void DiskWriter::go_behind() {
  if (thread_.joinable()) return;
  for (std::size_t i = 0; i < k_spare_buffers; ++i) empty_.emplace_back(new char[k_buffer_bytes]);
  try {
    thread_ = signal_free_thread([this] { work(); });
  } catch (const std::system_error&) {
    empty_.clear();
  }
}

void DiskWriter::append(Buffer& buffer, std::size_t size) {
  if (!thread_.joinable()) return append(buffer.get(), size);
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return failure_ || (!full_.buffer && !empty_.empty()); });
  rethrow();
  full_ = {std::move(buffer), size};
  buffer = std::move(empty_.back());
  empty_.pop_back();
  appended_ += size;
  lock.unlock();
  changed_.notify_all();
}

void DiskWriter::append(const char* data, std::size_t size) {
  finish();
  appended_ += size;
  try {
    write_out(data, size);
  } catch (...) {
    failure_ = std::current_exception();
    throw;
  }
}

void DiskWriter::finish() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return !full_.buffer && !busy_; });
  rethrow();
}

void DiskWriter::rethrow() {
  if (failure_) std::rethrow_exception(failure_);
}

void DiskWriter::work() {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [&] { return ending_ || full_.buffer; });
    if (!full_.buffer) return;
    Full now = std::move(full_);
    full_ = {};
    busy_ = true;
    if (!failure_ && !ending_) {
      lock.unlock();
      std::exception_ptr failure;
      try {
        write_out(now.buffer.get(), now.size);
      } catch (...) {
        failure = std::current_exception();
      }
      lock.lock();
      failure_ = failure;
    }
    busy_ = false;
    empty_.push_back(std::move(now.buffer));
    changed_.notify_all();
  }
}

void DiskWriter::write_out(const char* data, std::size_t size) {
  while (size > 0) {
    if (const int failure = fault("write", path_)) fail(Kind::io, "write", path_, failure);
    const ssize_t done = ::write(fd_, data, size);
    if (done < 0 && errno == EINTR) continue;
    if (done <= 0) fail(Kind::io, "write", path_, done < 0 ? errno : ENOSPC);
    data += done;
    size -= static_cast<std::size_t>(done);
    written_ += static_cast<std::uint64_t>(done);
  }
  if (early_ == EarlySync::yes) start_early_sync();
}

// The disk works while we still compute; what it reports is seen again by the fsync at the end.
void DiskWriter::start_early_sync() noexcept {
  const std::uint64_t due = written_ - early_synced_;
  if (due < k_early_sync_bytes) return;
  ::sync_file_range(fd_, static_cast<off64_t>(early_synced_), static_cast<off64_t>(due),
                    SYNC_FILE_RANGE_WRITE);
  early_synced_ = written_;
}

}  // namespace recentd::sys
