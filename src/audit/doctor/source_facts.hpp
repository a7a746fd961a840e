#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <recentd/clock.hpp>
#include <recentd/epoch.hpp>
#include <recentd/error.hpp>

#include "transport/address.hpp"

namespace recentd::audit {

// What a look at a source found out; recentd(1), recentd doctor, says what it means for a mirror.

// Of an rsync daemon, or an rsync at the other end of ssh.
struct RsyncFacts {
  std::string remark;                     // on our own rsync
  int protocol = 0;                       // of theirs; 0: unknown
  std::vector<std::string> modules = {};  // that a daemon lists, asked only if there is none of that name
  std::chrono::nanoseconds took{0};       // for a listing, as for a poll
};

// Of a web server.
struct WebFacts {
  std::string version, server;  // "HTTP/1.1", "nginx/1.22.1"; empty: none told
  int status = 0;               // of the index, as the server answers before any redirect is followed
  int directory_status = 0;     // of the directory, asked only where there is no index
  std::vector<std::string> indexes = {};     // of other names, in the listing that it gives then
  std::string leads_to;                      // a redirect's Location
  bool page = false;                         // what it gives is a page in HTML
  bool versions = false;                     // the answer tells a version: ETag or Last-Modified
  bool conditions = false;                   // and it answers 304 to that
  bool ranges = false;                       // it gives a part of a file
  bool from_cache = false;                   // the answer is somebody's on the way, not the server's
  std::int64_t cached_s = 0;                 // and so old
  std::optional<std::int64_t> ahead_s = {};  // of our clock
  std::chrono::nanoseconds took{0};          // for a request on a connection that is there already
};

// Of an index.
struct IndexFacts {
  struct Level {
    std::string file;
    std::uint64_t bytes = 0;  // 0: unknown
    bool is_here = false;
  };
  std::vector<Level> levels;  // the principal first
  std::optional<Epoch> newest;
  std::optional<TimePoint> written;  // the principal's time
  std::string writer;                // who wrote it, in words; empty: it does not say
  bool partial = false;              // a mirror of a part wrote it
  std::optional<bool> offered = {};  // versions of its larger levels, which a web server may show
  bool records_size = false;         // of its files, as far as the principal tells
  bool common_format = true;
};

struct SourceFacts {
  std::string source;  // as it was written, but for a password
  transport::Address::Kind kind = transport::Address::Kind::local;
  TimePoint now;
  // What kept it from being reached, or its index from being read.
  struct Failure {
    enum class What : std::uint8_t {
      unreachable,
      no_such_place,
      no_module,  // a daemon is named, and none of what it has
      no_index,
      wants_password,
      forbidden,
      leads_elsewhere,
      untrusted,  // TLS
      busy,       // it wishes to be asked later
      encoded,    // compressed, which nobody asked for
      page,       // what comes is one in HTML
      broken,
    } what;
    std::string message;
    Kind kind = Kind::transport;
  };
  std::optional<Failure> failure = {};
  std::optional<RsyncFacts> rsync = {};
  std::optional<WebFacts> web = {};
  std::optional<IndexFacts> index = {};
};

}  // namespace recentd::audit
