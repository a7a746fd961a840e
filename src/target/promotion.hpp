#pragma once

#include <optional>
#include <string>

#include <recentd/clock.hpp>

namespace recentd::target {

// What stays of a mirror that became an origin, in its private directory, so that the mirror's old
// configuration does not make it one again; recentd-mirror(7), Whose target it is.

struct Promotion {
  std::string since;       // a time in UTC, for people
  std::string upstream;    // that it followed
  std::string quarantine;  // where what it deleted is kept; empty: nowhere
};

// Writes the note, with words for people on how to become a mirror again. `target` is the tree. Throws
// Error{io}.
void note_promotion(const std::string& target, const std::string& upstream, Clock& clock);
// The note, as far as it can be read; nothing if there is none. Throws Error{io}.
std::optional<Promotion> noted_promotion(const std::string& target);
// Takes it away.
void forget_promotion(const std::string& target);
// Its name in the private directory.
inline constexpr const char* k_promotion_name = "promoted";

}  // namespace recentd::target
