#include "sys/signals.hpp"

#include <atomic>
#include <cstdint>
#include <mutex>

#include <errno.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "sys/failure.hpp"

namespace recentd::sys {

namespace {

// What the handler touches: lock-free, and the descriptor stays open for the whole life of the process.
std::atomic<bool> g_stop{false};
std::atomic<int> g_event{-1};
static_assert(std::atomic<bool>::is_always_lock_free && std::atomic<int>::is_always_lock_free);

void raise_event() noexcept {
  const int fd = g_event.load();
  const std::uint64_t one = 1;
  if (fd >= 0 && ::write(fd, &one, sizeof one) < 0) return;  // full: it is readable already
}

void drain_event() noexcept {
  const int fd = g_event.load();
  std::uint64_t count = 0;
  if (fd >= 0 && ::read(fd, &count, sizeof count) < 0) return;  // empty
}

void on_signal(int) {
  const int kept_errno = errno;
  g_stop.store(true);
  raise_event();
  errno = kept_errno;
}

void install(int signal, void (*handler)(int)) {
  struct sigaction action {};
  action.sa_handler = handler;
  action.sa_flags = SA_RESTART;
  sigemptyset(&action.sa_mask);
  ::sigaction(signal, &action, nullptr);
}

void open_event() {
  const int fd = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (fd < 0) fail(Kind::io, "create", "eventfd", errno);
  g_event.store(fd);
  if (g_stop.load()) raise_event();
}

}  // namespace

void install_stop_handlers() {
  static std::once_flag once;
  std::call_once(once, open_event);
  install(SIGINT, on_signal);
  install(SIGTERM, on_signal);
  install(SIGPIPE, SIG_IGN);
}

bool stop_requested() noexcept {
  return g_stop.load(std::memory_order_relaxed);
}

void set_stop_requested(bool value) noexcept {
  g_stop.store(value);
  if (value) {
    raise_event();
  } else {
    drain_event();
  }
}

int stop_fd() noexcept {
  return g_event.load();
}

}  // namespace recentd::sys
