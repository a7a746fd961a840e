#include <cstdint>

#include <errno.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include <recentd/stop.hpp>

#include "sys/failure.hpp"

namespace recentd {

namespace {

int make_event() noexcept {
  return ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
}

}  // namespace

Stop::Stop() : fd_(make_event()) {
  if (fd_ < 0) sys::fail(Kind::io, "create", "eventfd", errno);
}

// Without a descriptor sleeps end late, which is better than no process at all.
Stop::Stop(Lenient) noexcept : fd_(make_event()) {}

Stop::~Stop() {
  if (fd_ >= 0) ::close(fd_);
}

// Never destroyed: a signal may arrive until the very end.
Stop& Stop::process() {
  static Stop* const stop = new Stop(Lenient{});
  return *stop;
}

void Stop::request() noexcept {
  const int kept_errno = errno;
  set_.store(true);
  const std::uint64_t one = 1;
  // A failure means that it is full, so it is readable already.
  if (fd_ < 0 || ::write(fd_, &one, sizeof one) < 0) errno = kept_errno;
}

void Stop::clear() noexcept {
  std::uint64_t count = 0;
  set_.store(false);
  if (fd_ >= 0 && ::read(fd_, &count, sizeof count) < 0) return;  // it was empty
}

bool Stop::requested() const noexcept {
  timespec time{};
  clock_gettime(CLOCK_MONOTONIC_COARSE, &time);
  const auto now = std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
  last_asked_ns_.store(now.count(), std::memory_order_relaxed);
  return is_set();
}

std::chrono::nanoseconds Stop::last_asked() const noexcept {
  return std::chrono::nanoseconds(last_asked_ns_.load(std::memory_order_relaxed));
}

}  // namespace recentd
