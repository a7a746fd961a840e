#pragma once

#include <recentd/clock.hpp>

#include "service/tree_status.hpp"
#include "settings/tree_config.hpp"

namespace recentd::service {

// What a tree's thread does all its life: follows the upstream, or aggregates again and again, until the
// clock's stop is requested; then it returns. What may pass by itself (a disk that is not mounted, an
// upstream that is away) is told and tried again. Throws Error when the tree cannot go on: wrong settings,
// a target that somebody else holds, too many failures in a row; and Error{refused} when it was stopped while
// deletes are held back.
void work(const settings::TreeConfig& tree, Clock& clock, StatusBoard& board);

}  // namespace recentd::service
