#include "sys/process/signals.hpp"

#include <atomic>

#include <errno.h>
#include <signal.h>
#include <unistd.h>

namespace recentd::sys {

namespace {

// What the handler touches. Never taken back: the object lives for ever.
std::atomic<Stop*> g_stop{nullptr};
static_assert(std::atomic<Stop*>::is_always_lock_free && std::atomic<bool>::is_always_lock_free);

void on_signal(int) {
  g_stop.load()->request();
}

std::atomic<const Event*> g_event{nullptr};
std::atomic<bool> g_hangup{false};
std::atomic<bool> g_user_signal{false};

void on_service_signal(int signal) {
  (signal == SIGHUP ? g_hangup : g_user_signal).store(true);
  if (const Event* const event = g_event.load()) event->raise();
}

std::atomic<int> g_bell{-1};
static_assert(std::atomic<int>::is_always_lock_free);

void on_hangup(int) {
  const int kept_errno = errno;
  // A failure means that it is full, so it has rung already.
  if (const int bell = g_bell.load(); bell >= 0 && ::write(bell, "\n", 1) < 0) errno = kept_errno;
}

void install(int signal, void (*handler)(int)) noexcept {
  struct sigaction action {};
  action.sa_handler = handler;
  action.sa_flags = SA_RESTART;
  sigemptyset(&action.sa_mask);
  ::sigaction(signal, &action, nullptr);
}

}  // namespace

void install_stop_handlers() {
  g_stop.store(&Stop::process());
  install(SIGINT, on_signal);
  install(SIGTERM, on_signal);
  install(SIGPIPE, SIG_IGN);
  install(SIGXFSZ, SIG_IGN);
}

void note_service_signals() {
  install(SIGHUP, on_service_signal);
  install(SIGUSR1, on_service_signal);
}

void install_service_handlers(const Event& event) {
  g_event.store(&event);
  note_service_signals();
  if (g_hangup.load() || g_user_signal.load()) event.raise();
}

void catch_hangups() {
  install(SIGHUP, on_hangup);
}

void ring_at_hangup(int fd) noexcept {
  g_bell.store(fd);
}

void ignore_file_size_signal() {
  install(SIGXFSZ, SIG_IGN);
}

void restore_file_size_signal() noexcept {
  install(SIGXFSZ, SIG_DFL);
}

bool take_hangup() noexcept {
  return g_hangup.exchange(false);
}

bool take_user_signal() noexcept {
  return g_user_signal.exchange(false);
}

}  // namespace recentd::sys
