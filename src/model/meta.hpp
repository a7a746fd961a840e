#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include <recentd/epoch.hpp>

#include "model/value.hpp"

namespace recentd {

// The `merged` record of a level: how far it has been merged into the next one. A present record without
// epoch is the empty map that a dirty update leaves.
struct Merged {
  std::optional<Epoch> epoch;
  std::string into_interval;
  std::optional<std::string> time;
};

// The meta part of an index file (recentfile(5), Meta). Value type. Values from a file are what it says,
// unchecked against the file's name; nothing here is ever acted upon beyond its defined meaning: an upstream
// wrote it.
struct Meta {
  int protocol = 1;
  std::string filenameroot;       // empty if missing
  std::string interval;           // empty if missing
  std::string serializer_suffix;  // empty if missing
  std::optional<std::vector<std::string>> aggregator;
  std::optional<std::string> canonize;
  std::optional<std::string> comment;
  std::optional<std::string> dirtymark;  // text; compared by value where it is a number
  std::optional<Merged> merged;
  std::optional<std::string> minmax_max, minmax_min, minmax_mtime;  // as read; recomputed on writing
  std::string
      json_paths;   // how a JSON file spells paths: bytes or utf8; empty if it does not say, or is none
  Value producers;  // map or null
  std::map<std::string, Value> extras;     // every other key, kept on rewrite
  std::map<std::string, Value> top_level;  // keys beside meta and recent, kept on rewrite
};

// Equal as numbers, or as text where one is no number; a missing one equals only a missing one.
bool same_dirtymark(const std::optional<std::string>& a, const std::optional<std::string>& b);

// What a partial mirror says of its index, and a mirror of it passes on: the dirtymark of the whole index
// that it lists a part of, empty if that has none. Nothing for an index that lists the whole tree.
std::optional<std::string> part_of(const Meta& meta);
// From now on it is a part of an index with this meta part, which may be a part itself.
void set_part_of(Meta& meta, const Meta& whole);

}  // namespace recentd
