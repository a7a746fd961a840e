#pragma once

#include <optional>
#include <string>
#include <vector>

#include <recentd/clock.hpp>
#include <recentd/epoch.hpp>

namespace recentd::audit {

// Making a mirror an origin: its index files stay as they are, so that mirrors of it notice nothing; what
// writers add goes above the newest epoch, under the same dirtymark.

struct PromoteOptions {
  std::string target;
  bool force = false;  // although it is incomplete
  bool dry_run = false;
  std::string state_directory;  // where the mirror's state is kept; empty: the origin's default place
};

struct PromoteReport {
  std::string root;
  std::string upstream = {};               // that it no longer follows
  std::optional<Epoch> newest = {};        // writers go on above it
  std::vector<std::string> problems = {};  // why it is incomplete, with force or dry_run; the first 100
  // What its index goes on naming although the mirror could not have it, or although no mirror takes it, each
  // with the reason; the first 100.
  std::vector<std::string> known_missing = {}, left_out = {};
  std::string kept_in = {};  // the directory with the mirror's state
};

// Throws Error: missing (no mirror), locked (a mirror is at work), refused (incomplete), corrupt (an index
// that does not parse), io. A crash leaves a mirror or an origin, nothing in between; of one that was broken
// off behind that step the next call does the rest.
PromoteReport promote(const PromoteOptions& options, Clock& clock);

}  // namespace recentd::audit
