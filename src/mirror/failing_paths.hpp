#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <recentd/epoch.hpp>

#include "state/mirror_state.hpp"
#include "transport/transport.hpp"

namespace recentd::mirror {

// Paths that fail while their neighbours arrive: each is tried again ever more rarely, so that it holds up
// nothing else (SPEC 11.1 C34). Decides only; what it knows lies in the state.

inline constexpr std::int64_t k_longest_rest_s = 3600;

enum class Failure : std::uint8_t {
  of_the_path,           // rsync said so
  broke_the_connection,  // the connection broke at this path; only the second time in a row counts
};

// Notes a failure of the path that this event names. Its next try is due a second later, twice as long after
// each further failure; a path that breaks connections rests a minute at once.
void note_failure(state::MirrorState& state, std::string_view path, const EpochView& epoch, Failure failure,
                  TimePoint now);
// The path arrived, or is wanted no more.
void forget_failure(state::MirrorState& state, std::string_view path);

// The name at which a connection broke: in the order in which rsync works, the first one that is undecided
// after all that are decided. Empty if the connection did not break for a reason that a path could have.
std::string suspect(const std::vector<std::string>& names, const transport::FetchResult& result);

}  // namespace recentd::mirror
