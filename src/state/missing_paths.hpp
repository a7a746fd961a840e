#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <recentd/epoch.hpp>

#include "state/mirror_state.hpp"

namespace recentd::state {

// Paths that the index names and that cannot be had: each is looked for again ever more rarely, and after its
// first rounds nothing waits for it any more; recentd-mirror(7), Paths that cannot be had. Decides only; what
// it knows lies in the state.

inline constexpr std::int64_t k_longest_rest_s = 24 * 3600;
// So long a single run tries a path whatever its pause is, as somebody may be mending it.
inline constexpr std::int64_t k_young_s = 3600;
// Looks that come sooner after each other than this are one look.
inline constexpr std::int64_t k_between_looks_s = 2;

enum class Why : std::uint8_t {
  absent,             // the upstream has not got it
  failing,            // it could not be brought here
  breaks_connection,  // the connection broke at it: chance the first time, and rests longer from then on
};

// One look that was in vain.
struct Look {
  Why why = Why::failing;
  std::string_view reason = {};  // in words
  TimePoint now = {};
  bool many = false;  // so many paths are missing that somebody has to look first: none becomes known
};

enum class Missed : std::uint8_t {
  look_again,   // it is open
  known_now,    // its first rounds are over: it counts as done from now on
  known_again,  // it did before, and was looked for twice, four times ... as often: worth another word
  known,        // it did before
};
Missed note_missed(MirrorState& state, const std::string& path, const EpochView& epoch, const Look& look);

// Whether it would be known but for many others.
bool is_held(const MissingPath& missing) noexcept;
// Those that are held are known from now on. True if there was any.
bool let_held_be_known(MirrorState& state);

enum class When : std::uint8_t { rests_over, or_young };
// Whether it is to be tried now.
bool is_due(const MissingPath& missing, std::int64_t now_s, When when) noexcept;
// It could not be tried although it was due.
void put_off(MissingPath& missing, std::int64_t now_s);
// One is here again, so others may be that are missing for the same reason: known ones are due.
void make_due(MirrorState& state, bool absent);

// The path is there, or another event of it counts now. What is visible may name a known one for a while.
// True if it was known.
bool forget_missed(MirrorState& state, std::string_view path);
// Those that are not known; nothing is open any more.
void forget_open(MirrorState& state);

// The same for a delete that could not be done. True if it is another round.
bool note_failed_delete(PendingDelete& pending, std::string_view path, std::string reason, TimePoint now);
bool is_due(const PendingDelete& pending, std::int64_t now_s, When when) noexcept;
// Whether it is in its first rounds, so that a run has something left to do.
bool is_open(const PendingDelete& pending) noexcept;
std::uint64_t count_failed_deletes(const MirrorState& state) noexcept;

// How many count as done although they are not here.
std::uint64_t count_known(const MirrorState& state) noexcept;
std::uint64_t count_held(const MirrorState& state) noexcept;

}  // namespace recentd::state
