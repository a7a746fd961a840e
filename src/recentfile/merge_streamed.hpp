#pragma once

#include "recentfile/merge_source.hpp"

namespace recentd {

// The source of a merge that is too large to be held: it is read anew for each step, newest first and side by
// side with the target, which makes their epochs comparable by the places of the rows alone. Memory: about 22
// bytes for each of its events and two for each of the target's, whatever these hold.

// Nothing if its events do not descend: then it has to be held. All must outlive it. Throws as read_level().
std::unique_ptr<MergeSource> streamed_source(const LevelFile& file, const OpenLevel& opened, Deletes deletes);

}  // namespace recentd
