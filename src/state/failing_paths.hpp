#pragma once

#include <string_view>

#include <recentd/epoch.hpp>

#include "state/mirror_state.hpp"

namespace recentd::state {

// Paths that fail while their neighbours arrive: each is tried again ever more rarely, so that it holds up
// nothing else; recentd-mirror(7), Failing paths. Decides only; what it knows lies in the state.

inline constexpr std::int64_t k_longest_rest_s = 3600;

enum class Failure : std::uint8_t {
  of_the_path,           // rsync said so
  broke_the_connection,  // the connection broke at this path; only the second time in a row counts
};

// Notes a failure of the path that this event names. Its next try is due a second later, twice as long after
// each further failure; a path that breaks connections rests a minute at once.
void note_failure(MirrorState& state, std::string_view path, const EpochView& epoch, Failure failure,
                  TimePoint now);
// The path arrived, or is wanted no more.
void forget_failure(MirrorState& state, std::string_view path);

}  // namespace recentd::state
