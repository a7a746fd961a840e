#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <recentd/clock.hpp>
#include <recentd/mirror_options.hpp>

#include "audit/findings.hpp"
#include "transport/rsync_transport.hpp"

namespace recentd::audit {

// A read-only look at a mirror (or any tree with an index): index against disk, levels against each other,
// the mirror's state against both, and all of it against the source. Takes no lock and changes nothing.

struct AuditOptions {
  std::string tree;  // a directory, a `.recent` link, or a level's file
  std::optional<std::string> filenameroot;
  std::string against;         // a source; empty: none
  ConnectOptions connect;      // for the source
  std::size_t kept_max = 100;  // findings of each check that the report names
};

struct AuditReport {
  std::string root;
  std::string upstream;             // as the state has it; empty: no mirror, or no state
  std::uint64_t events = 0;         // over all levels
  std::uint64_t files = 0;          // that the index names as present
  std::uint64_t gone = 0;           // of these, known to be gone at the upstream as well
  std::uint64_t refused_paths = 0;  // events that no mirror acts upon
  bool partial = false;             // a mirror of a part, with index files of its own writing
  bool complete = true;             // all levels are here and worked off, no delete is queued
  Findings findings;
  Findings known_missing = Findings(0);  // what cannot be had, as the mirror knows: no difference
  Findings left_out = Findings(0);       // what no mirror takes, as it is a link that leads out, or no file
};

// While a mirror is at work on the tree, or the index was replaced meanwhile, a look that found something is
// repeated up to twice. Memory: 16 to 50 bytes for each path of the index. Throws Error: missing (no tree),
// usage, io, transport (the source cannot be asked).
AuditReport audit(const AuditOptions& options, Clock& clock);

}  // namespace recentd::audit
