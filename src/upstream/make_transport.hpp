#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <recentd/mirror_options.hpp>
#include <recentd/stop.hpp>

#include "http/http_transport.hpp"
#include "sys/process/process.hpp"
#include "transport/address.hpp"
#include "transport/comparer.hpp"
#include "transport/transport.hpp"

namespace recentd::upstream {

// What a transport works with, whatever its kind; runner and stop must outlive it.
struct TransportTools {
  sys::ProcessRunner& runner;
  const Stop& stop = Stop::process();
  std::vector<int> inherited_fds = {};    // locks that rsync keeps
  http::WorkshopSource workshop = {};     // see HttpSettings
  bool compares_content = false;          // what is here is never the same by its size and time
  std::optional<FileOptions> files = {};  // how files lie in a mirror's target
};

struct MadeTransport {
  std::unique_ptr<transport::Transport> transport;
  std::string remark;  // worth telling once; empty if there is nothing
};

// The transport for a source: rsync for a daemon, ssh and a local directory, or HTTP. Throws Error{usage} for
// options, Error{transport} if rsync or libcurl is missing or too old, and as transport::Password.
MadeTransport make_transport(const transport::Address& address, const ConnectOptions& options,
                             const TransportTools& tools);

// The same source for comparisons.
std::unique_ptr<transport::Comparer> make_comparer(const transport::Address& address,
                                                   const ConnectOptions& options,
                                                   const TransportTools& tools);

// What becomes of the modes of files whose source tells none. What a web server gives to everybody may be
// read by everybody here, whatever the umask, so that a mirror can be served. But for root, who can anyway, a
// directory stays one that the mirror can list and enter.
sys::Modes modes_of_web_files(const ModeRules& rules);

// How a web server is asked for a mirror with these options.
http::HttpSettings http_settings(const ConnectOptions& options);

}  // namespace recentd::upstream
