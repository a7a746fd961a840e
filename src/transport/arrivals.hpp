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
  std::uint64_t size_bytes = 0;
};

// Why what lies there (`now`; nothing, if nothing does) is not what was claimed; empty if it is. What was
// written has replaced what was there `before`; its size may be another than told, if it changed at the
// source on the way. What is said to be `unchanged` has the size that was told.
std::string refutation(const Claim& claim, Outcome outcome, const std::optional<sys::FileFacts>& now,
                       const std::optional<sys::FileFacts>& before);

// The names of one transfer below its destination, by their places in the request.
class Arrivals {
 public:
  // Notes what lies there now. Throws Error{io}.
  Arrivals(const std::vector<std::string>& names, const std::string& destination);

  // Takes back, in outcomes and messages, what is claimed and not there: it failed, for the reason that rsync
  // gave for something if it gave one; where the connection broke it was not tried. Throws Error{io}.
  void check(const std::vector<Claim>& claims, const std::string& complaint, FetchResult& result) const;
  // Takes away directories that were made for names that have not arrived, where nothing is in them: the
  // other side has a directory of that name. Throws Error{io}.
  void clear_directories(const FetchResult& result) const;

 private:
  const std::vector<std::string>& names_;
  std::optional<sys::Dir> destination_;  // nothing: it is not there
  std::map<std::size_t, sys::FileFacts> before_;
};

}  // namespace recentd::transport
