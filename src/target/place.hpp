#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <recentd/mirror_options.hpp>

#include "base/place.hpp"

namespace recentd::target {

// Where a mirror is about to work, judged before anything is changed; recentd-mirror(7), THE TARGET.

// Whose the directory is.
enum class Tenant : std::uint8_t {
  nobody,    // no tree was ever here
  ours,      // a mirror's, with a state
  begun,     // a mirror's, of which no state was saved yet
  stranger,  // somebody's with an index: an origin, or a mirror that another program made
  promoted,  // an origin's, which was a mirror once
};

// The directory need not be there.
Tenant tenant_of(const PlaceFacts& facts);

// Whether a mirror of ours was ever there.
bool is_marked(const PlaceFacts& facts);

struct Admission {
  Tenant tenant = Tenant::nobody;
  std::vector<std::string> remarks = {};  // to be told once a mirror begins in a place that is new to us
};

// Admits the options' target, which need not be there, or throws Error: refused (a wrong place, unless
// places.force; an origin that was promoted, unless places.adopt), missing (places.must_be_ours, and no
// mirror was ever there), io.
Admission admit_target(const MirrorOptions& options);

}  // namespace recentd::target
