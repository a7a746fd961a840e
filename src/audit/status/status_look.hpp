#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <recentd/epoch.hpp>

#include "state/mirror_status.hpp"
#include "target/generations/generations.hpp"

namespace recentd::audit {

// What can be seen of a tree's health from outside, without its lock and without a process that answers;
// recentd-mirror(7), Status.
struct StatusFacts {
  std::string place;         // the directory, as it was named
  bool mirror = false;       // it is a mirror's target, or was to become one; else an origin
  std::string trouble = {};  // why nothing could be seen; empty: it could
  std::optional<state::MirrorStatus> status = {};
  std::optional<int> process = {};                  // that works on the target now
  std::optional<target::PublishNote> publish = {};  // where whole sets of it are shown
  // Of the visible principal.
  std::optional<Epoch> newest = {};
  std::optional<std::int64_t> written_s = {};
  std::optional<std::int64_t> aggregated_s = {};  // of the next larger level: the last aggregation
};

// Never throws for what is, or is not, there.
StatusFacts look_at_status(const std::string& place);

// A delete that was read from an index and waits for the operator.
struct HeldDelete {
  std::string path;
  Epoch epoch;
};
// Those of a mirror's target, by path. Throws Error{missing} for one without a state, Error{corrupt}.
std::vector<HeldDelete> held_deletes(const std::string& place);

}  // namespace recentd::audit
