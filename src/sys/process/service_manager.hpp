#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "sys/fd.hpp"

namespace recentd::sys {

// The program that started us as a service (systemd, or another one that knows its protocol), found through
// NOTIFY_SOCKET. Not for use from two threads.
class ServiceManager {
 public:
  // Takes NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID out of the environment, so that children do not find
  // them: to be called before there are other threads.
  ServiceManager();

  // True if somebody listens.
  [[nodiscard]] bool present() const noexcept { return socket_.valid(); }
  // Sends lines like "READY=1\nSTATUS=text" in one datagram. Nothing happens if nobody listens or the
  // message cannot be sent.
  void tell(const std::string& lines) const noexcept;
  // How often WATCHDOG=1 is expected at least; nothing if it is not.
  [[nodiscard]] std::optional<std::chrono::microseconds> watchdog() const noexcept { return watchdog_; }

 private:
  Fd socket_;
  std::string address_;  // the bytes of sun_path
  std::optional<std::chrono::microseconds> watchdog_;
};

}  // namespace recentd::sys
