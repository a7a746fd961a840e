#include "sys/signals.hpp"

#include <atomic>

#include <signal.h>

namespace recentd::sys {

namespace {

// What the handler touches. Never taken back: the object lives for ever.
std::atomic<Stop*> g_stop{nullptr};
static_assert(std::atomic<Stop*>::is_always_lock_free && std::atomic<bool>::is_always_lock_free);

void on_signal(int) {
  g_stop.load()->request();
}

void install(int signal, void (*handler)(int)) {
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
}

}  // namespace recentd::sys
