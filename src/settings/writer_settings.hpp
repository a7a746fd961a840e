#pragma once

#include <vector>

#include <recentd/origin.hpp>

#include "settings/setting.hpp"

namespace recentd::settings {

// How an index is written: options of the commands that write one, each of which offers those that count for
// it, and keys of an origin in the configuration file.
const std::vector<Setting<WriterOptions>>& writer_settings();

}  // namespace recentd::settings
