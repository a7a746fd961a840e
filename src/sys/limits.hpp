#pragma once

namespace recentd::sys {

// Lets the process have as many descriptors as its hard limit allows, 65,536 at most: each tree of a service
// needs about twenty.
void raise_descriptor_limit() noexcept;

}  // namespace recentd::sys
