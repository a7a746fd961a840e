#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "transport/transport.hpp"

namespace recentd::delta {

// A level that is wanted, of which an earlier version is here.
struct Wanted {
  std::string name;  // of its file
  std::string have;  // path of that version
  std::string make;  // path for the new one
  // Path of the next smaller level, whose events deltas may refer to; empty: there is none. Where that is
  // wanted, too, and before this one, its new version is meant.
  std::string smaller = {};
  // What the level's own file was a moment ago: an offer of another version that is not newer is of no use.
  std::optional<transport::Seen> seen = {};
};

// What came of it.
enum class Got : std::uint8_t {
  made,     // the new version is there, byte for byte
  same,     // it is the one that is here
  nothing,  // it has to be fetched as a whole
};

struct FetchLimits {
  std::uint64_t level_bytes_max = 0;
  std::optional<std::chrono::nanoseconds> time = {};  // for each connection
};

struct Fetched {
  std::vector<Got> got;       // parallel to what is wanted
  bool offered = false;       // the source offers versions of some level
  std::vector<bool> as_seen;  // parallel, too: it is the very version that was seen
  // It wishes not to be asked now, or we were told to stop: nothing is to be fetched as a whole, either.
  std::optional<transport::Problem> problem = {};
};

// Makes new versions of levels out of those that are here and of the deltas that the source offers: mostly in
// one connection, in four at most; recentd-mirror(7), Levels by deltas. `place` is a directory of our own on
// the file system of the levels, and ends as empty as it begins. What is made has the digest that is told of
// it, so that a delta that is cut, forged, or of another file costs a try and nothing else; memory is that of
// the deltas. Throws Error{io}.
Fetched fetch_levels(transport::Transport& transport, const std::string& filenameroot,
                     const std::string& place, const std::vector<Wanted>& wanted, const FetchLimits& limits);

}  // namespace recentd::delta
