#pragma once

#include <vector>

#include <recentd/mirror_options.hpp>

#include "transport/rsync_transport.hpp"

namespace recentd::upstream {

// How rsync is run for a mirror with these options; `inherited_fds` are the locks that its children keep.
transport::RsyncSettings rsync_settings(const ConnectOptions& options, std::vector<int> inherited_fds = {});

}  // namespace recentd::upstream
