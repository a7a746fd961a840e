#pragma once

#include <string>

#include <recentd/clock.hpp>
#include <recentd/mirror_options.hpp>

namespace recentd {

// Brings the index files of the tree at options.source, and nothing else, into the existing directory
// options.target, so that news() and overview() can be asked there:
//
//   const auto principal = fetch_index_set({.source = "host::pub", .target = "/tmp/look"}, system_clock());
//   for (const Event& event : news(principal, {.max = 20})) ...
//
// The principal is found as recentd-mirror(7), FINDING THE INDEX, tells; larger levels that the source has
// not got are left out. Files that are there already serve as the base of the transfer, so a second call for
// the same directory transfers only what changed. Levels are fetched from the largest down and shown when all
// are here, the principal last, so that a reader misses nothing that moves up meanwhile.
//
// Of the other options only `connect` counts. Blocks until all is here; obeys the clock's stop. Nothing is
// kept but the files. Several threads may fetch at once into different directories.
//
// Returns the principal's path. Throws Error: missing (no such directory, source or index), refused (the
// directory is a mirror's target, which has its own index), corrupt (a level does not parse, or the link
// leads elsewhere), transport (rsync, network, password), io, usage (options of rsync that are not allowed).
std::string fetch_index_set(const MirrorOptions& options, Clock& clock);

}  // namespace recentd
