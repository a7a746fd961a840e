#include "support/tools/loopback.hpp"

#include <algorithm>
#include <stdexcept>

#include <sys/socket.h>
#include <unistd.h>

namespace recentd::test {

sockaddr_in loopback_address(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

int free_loopback_port() {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  auto address = loopback_address(0);
  socklen_t size = sizeof address;
  const bool bound = ::bind(fd, reinterpret_cast<sockaddr*>(&address), size) == 0 &&
                     ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) == 0;
  ::close(fd);
  if (!bound) throw std::runtime_error("no free loopback port");
  return ntohs(address.sin_port);
}

bool loopback_accepts(int port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const auto address = loopback_address(port);
  const bool ok = ::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  ::close(fd);
  return ok;
}

bool wait_until_serving(Program& server, const std::vector<int>& ports) {
  const bool up =
      eventually([&] { return !server.running() || std::ranges::all_of(ports, loopback_accepts); });
  return up && server.running();
}

void try_to_start(const std::function<void()>& start) {
  for (int attempt = 0;; ++attempt) {
    try {
      return start();
    } catch (const std::runtime_error&) {
      if (attempt == 4) throw;
    }
  }
}

}  // namespace recentd::test
