#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sys/process/stall.hpp"

namespace recentd::curl {

// How servers are reached, the same for all requests of a client.
struct ClientSettings {
  std::chrono::seconds silence{30};  // a server that says nothing for so long, or takes no connection
  sys::StallLimit stall = {};        // and what counts as standing still of what it says
  bool http2 = false;                // spoken where a TLS server offers it; else HTTP/1.1
  std::string ca_file = {};          // authorities in place of the system's
  std::string client_cert = {}, client_key = {};  // PEM files; the key may stand in the certificate's
  std::string proxy = {};  // a URL, `none`, or empty for what the environment says (https_proxy and the like)
  std::size_t connections = 4;  // kept at most
};

// One GET.
struct Request {
  std::string url = {};
  std::vector<std::string> headers = {};  // `Name: value`, besides the usual ones
  std::string user = {}, password = {};   // sent as Basic if there is a user
  bool netrc = false;                     // else looked up in ~/.netrc
  std::uint64_t bytes_per_s = 0;          // no faster than this; 0: as fast as it goes
};

// Who hears an answer, on the thread that runs the client. Throws nothing.
class Listener {
 public:
  virtual ~Listener() = default;
  // A line of the head, without its end: the status first, an empty one at last. False ends the request.
  virtual bool head(std::string_view line) noexcept = 0;
  // The body as it comes, decoded of chunks. False ends the request.
  virtual bool body(std::string_view bytes) noexcept = 0;
};

// How a request ended.
struct End {
  enum class What : std::uint8_t {
    complete,     // the answer is whole, whatever it says
    given_up,     // the listener had enough
    cut,          // the connection broke after it was there, or said less than was promised
    unreachable,  // no such host, refused, or silent
    untrusted,    // TLS: no certificate that we trust, or none of ours that they do
    nonsense,     // what came is no HTTP
    local,        // of this side: memory, files of certificates
  };
  What what = What::complete;
  std::string message = {};  // one line; empty for complete and given_up
};

// Makes requests to one server or a few, several at once, on connections that it keeps. Follows no redirects,
// asks for no encoding, takes http and https alone. Not for use from two threads.
class Client {
 public:
  // Throws Error{transport} if libcurl is missing, Error{io} for want of memory.
  explicit Client(ClientSettings settings);
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  // Begins a request; the listener must live until its end.
  void start(const Request& request, Listener& listener);
  [[nodiscard]] std::size_t under_way() const noexcept;
  struct Ended {
    Listener* listener;
    End end;
  };
  // Works for `limit` at most, until at least one request has ended, or `wake_fd` is readable (negative: no
  // such thing). May return early.
  std::vector<Ended> run(int wake_fd, std::chrono::nanoseconds limit);
  // Gives up all that is under way; their listeners hear no more.
  void abandon();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace recentd::curl
