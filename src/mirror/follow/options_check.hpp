#pragma once

#include <vector>

#include <recentd/mirror_options.hpp>

#include "transport/address.hpp"
#include "upstream/source.hpp"

namespace recentd::mirror {

// Throws Error{usage} for options that cannot be, alone or together. Pure.
void check(const MirrorOptions& options);

// Where the sources lie. Throws Error{usage}.
std::vector<transport::Address> addresses_of(const std::vector<upstream::SourceSpec>& sources);

}  // namespace recentd::mirror
