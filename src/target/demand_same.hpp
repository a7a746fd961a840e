#pragma once

#include <functional>

namespace recentd::target {

// Throws Error{io} if the target is not the directory any more in which the mirror began; recentd-mirror(7),
// Another directory in the target's place. May be called from several threads at once.
using DemandSame = std::function<void()>;

}  // namespace recentd::target
