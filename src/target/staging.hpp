#pragma once

#include <string>
#include <vector>

#include <recentd/path.hpp>

#include "sys/tree/dir.hpp"
#include "transport/transport.hpp"

namespace recentd::target {

// Takes the files asked for out of the place where a transfer put them (FetchRequest::apart) into the target;
// their outcomes become `transferred`. What has not arrived, or cannot simply be renamed, becomes
// `not_tried`, and what the transfer complained of stays where it is. A directory that the target has not
// yet, and that holds nothing else, is renamed whole; the others get the modes they came with. `paths` is
// parallel to the outcomes. Throws Error if the place is not there.
void take_in(const std::string& place, const sys::Dir& target, const std::vector<const RelPath*>& paths,
             std::vector<transport::Outcome>& outcomes);

}  // namespace recentd::target
