#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <recentd/epoch.hpp>

#include "codec/codec.hpp"
#include "sys/file/bytes.hpp"

namespace recentd::upstream {

// What planning needs to know of one index copy, taken in one pass over it.
struct LevelFacts {
  std::optional<Epoch> newest, oldest;  // nothing for an empty level
  std::optional<Epoch> merged_epoch;    // how far it has been merged upward
  std::optional<std::string> dirtymark;
  std::optional<std::vector<std::string>> aggregator;
  // A partial mirror wrote it: the dirtymark of the whole index that it lists a part of, empty if that has
  // none.
  std::optional<std::string> part_of;
  std::string filenameroot, interval, suffix;  // as its meta says, unchecked
  std::uint64_t events = 0;
  std::uint64_t deletes = 0;               // events that tell a delete
  std::uint64_t skipped = 0;               // events whose epoch is no number, or that are beyond the limits
  std::vector<std::string> first_skipped;  // words on the first few
  bool disordered = false;                 // some event is newer than the one before it
};

// What to tell of the events that were skipped; nothing if it was told of the copy before.
std::vector<std::string> remarks_on_skipped(const LevelFacts& facts, const std::optional<LevelFacts>& before);

// Opens a copy for scanning the way mirrors do: events whose epoch is no number, or that are beyond
// the limits, are passed over, disordered ones are sorted by value (recentfile(5), Order). Throws
// Error{corrupt} naming `path` and the byte.
std::unique_ptr<codec::EventReader> open_copy(std::shared_ptr<const sys::Bytes> bytes, codec::Format format,
                                              const std::string& path, const LevelFacts& facts);

// Reads the whole copy once: that is the test that it is whole. Throws Error{corrupt} if it does not parse,
// was cut, is empty, or its events are out of order (a mirror's walk depends on the order).
LevelFacts inspect(std::shared_ptr<const sys::Bytes> bytes, codec::Format format, const std::string& path);

}  // namespace recentd::upstream
