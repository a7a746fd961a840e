#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include <recentd/stop.hpp>

#include "http/http_transport.hpp"

namespace recentd::http {

// One answer of a web server as it is, for who wants to know what kind of server it is.
struct Answer {
  Head head;
  std::string status_line;          // "HTTP/1.1 200 OK"
  std::vector<std::string> fields;  // lines of the head behind it
  std::string body;                 // as much of it as was wished for
  curl::End end;
  std::chrono::nanoseconds took{0};  // until the head was here

  // The value of a field, by its name in any case; empty: there is none.
  [[nodiscard]] std::string field(std::string_view name) const;
};

// Makes single requests to a source's server, on a connection that it keeps, and follows no redirect.
class Looker {
 public:
  // Throws as HttpTransport. `stop` must outlive it.
  Looker(const transport::Address& address, HttpSettings settings, const Stop& stop);
  // GET of a name below the source (empty: the directory itself); of the body the first so many bytes are
  // kept.
  Answer get(const std::string& name, std::vector<std::string> headers = {}, std::size_t keep = 0);

 private:
  Url base_;
  std::string user_, password_;
  bool netrc_;
  const Stop& stop_;
  curl::Client client_;
};

}  // namespace recentd::http
