#include "sys/fault.hpp"

#include <atomic>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <string>

#include <signal.h>
#include <string.h>
#include <unistd.h>

#include <recentd/error.hpp>

#include "base/text.hpp"

namespace recentd::sys {

namespace {

enum class State { unread, idle, armed };

std::atomic<State> g_state{State::unread};
std::mutex g_mutex;
std::shared_ptr<const FaultHook> g_hook;
thread_local int t_pauses = 0;

constexpr int k_errno_max = 133;
constexpr int k_kill = -1;

// 0 if the text names no errno.
int errno_of(std::string_view text) {
  if (text == "kill") return k_kill;
  for (int value = 1; value <= k_errno_max; ++value) {
    const char* name = strerrorname_np(value);
    if (name != nullptr && text == name) return value;
  }
  const auto number = parse_unsigned(text);
  return number && *number <= k_errno_max ? static_cast<int>(*number) : 0;
}

FaultHook hook_from(std::string_view setting) {
  const auto parts = split(setting, ':');
  const auto nth = parts.size() == 3 ? parse_unsigned(parts[1]) : std::nullopt;
  const int failure = parts.size() == 3 ? errno_of(parts[2]) : 0;
  if (!nth || *nth == 0 || failure == 0 || parts[0].empty()) {
    throw Error(Kind::config, cat("RECENTD_FAULT=", escaped(setting),
                                  " makes no sense; write OPERATION:N:ERRNO or OPERATION:N:kill"));
  }
  auto left = std::make_shared<std::atomic<std::uint64_t>>(*nth);
  return [name = std::string(parts[0]), failure, left](std::string_view operation, std::string_view) {
    if (operation != name || left->fetch_sub(1) != 1) return 0;
    if (failure == k_kill) ::kill(::getpid(), SIGKILL);
    return failure;
  };
}

void read_environment() {
  const std::lock_guard guard(g_mutex);
  if (g_state.load() != State::unread) return;
  const char* setting = std::getenv("RECENTD_FAULT");
  if (setting != nullptr && *setting != '\0') g_hook = std::make_shared<FaultHook>(hook_from(setting));
  g_state.store(g_hook ? State::armed : State::idle);
}

}  // namespace

int fault(std::string_view operation, std::string_view path) {
  const State state = g_state.load(std::memory_order_acquire);
  if (state == State::idle || t_pauses > 0) return 0;
  if (state == State::unread) read_environment();
  std::shared_ptr<const FaultHook> hook;
  {
    const std::lock_guard guard(g_mutex);
    hook = g_hook;
  }
  return hook ? (*hook)(operation, path) : 0;
}

FaultPause::FaultPause() noexcept {
  ++t_pauses;
}

FaultPause::~FaultPause() {
  --t_pauses;
}

void set_fault_hook(FaultHook hook) {
  const std::lock_guard guard(g_mutex);
  g_hook = hook ? std::make_shared<const FaultHook>(std::move(hook)) : nullptr;
  g_state.store(g_hook ? State::armed : State::idle);
}

}  // namespace recentd::sys
