#pragma once

#include <optional>
#include <vector>

#include "recentfile/update.hpp"

namespace recentd {

// Registering events in a level that is too large to be held: it is read newest first and written anew at the
// same time, so that memory grows with the items alone (recentfile(5), Update).

// Whether a level of so many bytes is one of these, and of a format that is read piece by piece.
bool is_large(const LevelFile& file, std::uint64_t size_bytes);

// As apply_update() and, if something changed, write_level(). `meta`: what the file's meta part is to be. The
// caller holds the level's lock. Nothing, and nothing was written, for what needs the whole level: dated
// items, events out of order. Throws as read_level() and write_level().
std::optional<UpdateResult> update_large(const LevelFile& file, const OpenLevel& opened, Meta meta,
                                         const std::vector<UpdateItem>& items, const Interval& interval,
                                         const StorePolicy& policy, Clock& clock);

}  // namespace recentd
