#include "support/tools/http_client.hpp"

#include <array>
#include <cstdlib>

#include <sys/socket.h>
#include <unistd.h>

#include "support/tools/loopback.hpp"

namespace recentd::test {

HttpClient::~HttpClient() {
  close();
}

void HttpClient::close() {
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
  bytes_.clear();
}

HttpClient::Answer HttpClient::get(const std::string& target) {
  const bool kept = fd_ >= 0;
  auto answer = ask(target);
  // The server may have closed it meanwhile.
  return answer.status == 0 && kept ? ask(target) : answer;
}

HttpClient::Answer HttpClient::ask(const std::string& target) {
  if (fd_ < 0) {
    fd_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const auto address = loopback_address(port_);
    if (::connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
      return close(), Answer{};
  }
  const auto text = "GET " + target + " HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";
  if (::send(fd_, text.data(), text.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(text.size()))
    return close(), Answer{};
  std::array<char, 65536> buffer{};
  const auto more = [&] {
    const auto count = ::read(fd_, buffer.data(), buffer.size());
    if (count > 0) bytes_.append(buffer.data(), static_cast<std::size_t>(count));
    return count > 0;
  };
  std::size_t end = 0;
  while ((end = bytes_.find("\r\n\r\n")) == std::string::npos)
    if (!more()) return close(), Answer{};
  const auto head = bytes_.substr(0, end + 2);
  bytes_.erase(0, end + 4);
  Answer answer{std::atoi(head.c_str() + std::string("HTTP/1.1 ").size()), {}};
  const std::string k_length = "\r\nContent-Length: ";
  const auto at = head.find(k_length);
  const auto length =
      at == std::string::npos ? 0 : std::strtoul(head.c_str() + at + k_length.size(), nullptr, 10);
  while (bytes_.size() < length)
    if (!more()) return close(), Answer{};
  answer.body = bytes_.substr(0, length);
  bytes_.erase(0, length);
  return answer;
}

}  // namespace recentd::test
