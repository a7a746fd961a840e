#include "sys/process/service_manager.hpp"

#include <cstddef>
#include <cstdlib>
#include <cstring>

#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/text.hpp"

namespace recentd::sys {

namespace {

std::string taken_from_environment(const char* name) {
  const char* const value = std::getenv(name);
  std::string text = value == nullptr ? "" : value;
  ::unsetenv(name);
  return text;
}

// A year of microseconds; more is no watchdog.
constexpr std::uint64_t k_watchdog_us_max = std::uint64_t{365} * 24 * 3600 * 1'000'000;

}  // namespace

ServiceManager::ServiceManager() {
  const auto watched = parse_unsigned(taken_from_environment("WATCHDOG_USEC"));
  const auto whom = taken_from_environment("WATCHDOG_PID");
  address_ = taken_from_environment("NOTIFY_SOCKET");
  if (address_.size() < 2 || address_.size() >= sizeof(sockaddr_un::sun_path)) return;
  if (address_[0] != '/' && address_[0] != '@') return;
  if (address_[0] == '@') address_[0] = '\0';  // an abstract socket
  socket_ = Fd(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!socket_.valid()) return;
  const timeval patience{1, 0};
  ::setsockopt(socket_.get(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  const bool ours = whom.empty() || parse_unsigned(whom) == static_cast<std::uint64_t>(::getpid());
  if (ours && watched && *watched > 0 && *watched <= k_watchdog_us_max)
    watchdog_ = std::chrono::microseconds(*watched);
}

void ServiceManager::tell(const std::string& lines) const noexcept {
  if (!present()) return;
  sockaddr_un to{};
  to.sun_family = AF_UNIX;
  std::memcpy(to.sun_path, address_.data(), address_.size());
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + address_.size());
  static_cast<void>(::sendto(socket_.get(), lines.data(), lines.size(), MSG_NOSIGNAL,
                             reinterpret_cast<const sockaddr*>(&to), size));
}

}  // namespace recentd::sys
