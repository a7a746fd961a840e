#pragma once

#include <string>
#include <vector>

namespace recentd::test {

// The service manager's end of sd_notify: a real datagram socket. Not for use from two threads.
class NotifySocket {
 public:
  // A path, or '@' and a name for an abstract one. Throws std::runtime_error.
  explicit NotifySocket(const std::string& name);
  ~NotifySocket();
  NotifySocket(const NotifySocket&) = delete;
  NotifySocket& operator=(const NotifySocket&) = delete;

  // All datagrams that have come since the object was made.
  const std::vector<std::string>& messages();
  // Whether a datagram with a line that begins so has come, at `from` or later.
  bool has(const std::string& begin, std::size_t from = 0);

 private:
  int fd_ = -1;
  std::vector<std::string> messages_;
};

}  // namespace recentd::test
