#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include <recentd/stop.hpp>

#include "http/download.hpp"
#include "http/slots.hpp"
#include "http/validators.hpp"
#include "http/workshop.hpp"
#include "lib/curl/client.hpp"
#include "sys/file/placing.hpp"
#include "transport/address.hpp"
#include "transport/comparer.hpp"
#include "transport/password.hpp"
#include "transport/transport.hpp"

namespace recentd::http {

struct HttpSettings {
  curl::ClientSettings client = {};
  std::chrono::nanoseconds time_limit = std::chrono::hours(12);  // for one call of fetch()
  bool netrc = false;                                            // names and passwords of ~/.netrc
  bool redirects_anywhere = false;           // else to the same scheme, host and port alone
  bool compares_content = false;             // what is here is never the same by its size and time
  std::optional<std::string> password = {};  // for the user of the address
  std::string password_file = {};            // its first line instead; see transport::Password
  bool keep_dirlinks = false;                // links that the operator made for directories are followed
  sys::Modes modes = {};                     // of new files and directories
  // Where files are put together, on the destination's file system; nothing: in a directory of its own below
  // each destination, and a file that was cut begins anew.
  // It is asked for with the first file.
  WorkshopSource workshop = {};
};

// Gets files of a directory behind a web server; recentd-mirror(7), HTTP. Nothing lies under its name below
// the destination before it is whole. A redirect, a page and the like are never taken for a file.
class HttpTransport : public transport::Transport, public transport::Comparer {
 public:
  // Throws Error{transport} if libcurl is missing, Error{usage, missing, io} for the password file. `stop`
  // must outlive the transport.
  HttpTransport(const transport::Address& address, HttpSettings settings, const Stop& stop);

  transport::FetchResult fetch(const transport::FetchRequest& request) override;
  // Single ranges, as many at once as there are connections; each answer has to name the range, the size and
  // the version that the first one did.
  transport::RangesResult fetch_ranges(const transport::RangesRequest& request) override;
  // At the price of a request for each name; by checksum, of its content. Links are compared by what is
  // recorded of them alone.
  std::optional<transport::Problem> compare(const std::string& directory, const Names& names, By how,
                                            const Each& each) override;
  [[nodiscard]] bool sends_whole_files() const override { return true; }
  void confirm(const std::string& name, const std::string& copy) override {
    validators_.confirm(name, sys::lstat_path(copy));
  }
  // Nothing can be listed over HTTP.
  Listing list(const std::string& pattern) override;
  [[nodiscard]] bool is_parallel() const override { return true; }
  [[nodiscard]] std::string describe() const override { return text_; }

 private:
  friend class Fetch;
  friend class RangesFetch;
  std::unique_ptr<curl::Client> take_client();
  void give_back(std::unique_ptr<curl::Client> client);
  [[nodiscard]] Origin origin() const;

  std::string text_;
  Url base_;
  std::string user_;
  HttpSettings settings_;
  transport::Password password_;
  const Stop& stop_;
  Slots slots_;
  Validators validators_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<curl::Client>> clients_;  // that nobody uses now, with their connections
};

}  // namespace recentd::http
