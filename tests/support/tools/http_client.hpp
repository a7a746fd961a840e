#pragma once

#include <string>

namespace recentd::test {

// What somebody without any of recentd's code gets from a web server of this machine: GET, one request after
// the other on a connection that is kept. Not for use from two threads.
class HttpClient {
 public:
  explicit HttpClient(int port) : port_(port) {}
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;
  ~HttpClient();

  struct Answer {
    int status = 0;  // 0: the connection broke, twice
    std::string body;
  };
  // `target` begins with a slash. Understands bodies with a Content-Length alone.
  Answer get(const std::string& target);

 private:
  Answer ask(const std::string& target);
  void close();

  int port_;
  int fd_ = -1;
  std::string bytes_;  // that have come and belong to no answer yet
};

}  // namespace recentd::test
