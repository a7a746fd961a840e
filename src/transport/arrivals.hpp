#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sys/tree/dir.hpp"
#include "transport/transport.hpp"

namespace recentd::transport {

// A claim is not a file: with a local source rsync's lines come from the sender and mean "sent". So whatever
// is said to have arrived is looked at where it should lie; recentd-mirror(7), Done.

// What was told of a name that is said to be here.
struct Claim {
  std::size_t name = 0;  // its place in the request
  enum class Kind : std::uint8_t { file, link, other } kind = Kind::file;
  std::optional<std::uint64_t> size_bytes = {};
  std::optional<std::int64_t> mtime_s = {};
};

// Why what lies there is not what was claimed; empty if it is. `now`: nothing, if nothing is there. `before`:
// what was there before the transfer, where that must have been written anew; rsync gives new content a new
// inode.
std::string refutation(const Claim& claim, const std::optional<sys::FileFacts>& now,
                       const std::optional<sys::FileFacts>& before);

// Seconds since 1970 of rsync's %M, "2026/11/30-03:21:51", as it writes it where the time zone is UTC;
// nothing for other text.
std::optional<std::int64_t> parse_time(std::string_view text);

// The names of one transfer below its destination, by their places in the request.
class Arrivals {
 public:
  // Notes what lies there now, if the transfer is to write everything anew. Throws Error{missing, io}.
  Arrivals(const std::vector<std::string>& names, const std::string& destination, bool written_anew);

  // Takes back, in outcomes and messages, what is claimed and not there: it failed, for the reason that rsync
  // gave for something if it gave one; where the connection broke it was not tried. Throws Error{io}.
  void check(const std::vector<Claim>& claims, const std::string& complaint, FetchResult& result) const;

 private:
  const std::vector<std::string>& names_;
  std::optional<sys::Dir> destination_;  // nothing: it is not there
  std::map<std::size_t, sys::FileFacts> before_;
};

}  // namespace recentd::transport
