#include "support/tools/notify_socket.hpp"

#include <array>
#include <cstddef>
#include <cstring>
#include <stdexcept>

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace recentd::test {

NotifySocket::NotifySocket(const std::string& name) : fd_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, name.data(), name.size());
  if (address.sun_path[0] == '@') address.sun_path[0] = '\0';
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size());
  if (::bind(fd_, reinterpret_cast<sockaddr*>(&address), size) != 0)
    throw std::runtime_error("cannot listen on " + name);
}

NotifySocket::~NotifySocket() {
  ::close(fd_);
}

const std::vector<std::string>& NotifySocket::messages() {
  std::array<char, 4096> buffer;
  for (;;) {
    const auto size = ::recv(fd_, buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (size < 0) return messages_;
    messages_.emplace_back(buffer.data(), static_cast<std::size_t>(size));
  }
}

bool NotifySocket::has(const std::string& begin, std::size_t from) {
  const auto& all = messages();
  for (std::size_t i = from; i < all.size(); ++i)
    if (("\n" + all[i]).find("\n" + begin) != std::string::npos) return true;
  return false;
}

}  // namespace recentd::test
