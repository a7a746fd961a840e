#pragma once

#include <recentd/mirror_options.hpp>

#include "target/target_directory.hpp"
#include "upstream/upstreams.hpp"

namespace recentd::mirror {

// What is done before a mirror begins in a target that holds an index and no state of ours;
// recentd-mirror(7), Whose target it is. Throws Error: refused if it is not the index of a mirror of one of
// the sources and the operator does not say that it is (places.adopt); what is wrong with the source if none
// can be compared with it.
void adopt_index(const target::TargetDirectory& directory, const MirrorOptions& options,
                 const upstream::Upstreams& upstreams);

}  // namespace recentd::mirror
