#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include <recentd/origin.hpp>

#include "settings/setting.hpp"

namespace recentd::settings {

// What the service does for an origin: it aggregates, again and again.
struct OriginTask {
  std::string root;
  std::optional<std::string> filenameroot;
  std::chrono::nanoseconds aggregate = std::chrono::seconds(60);  // from one start to the next
  WriterOptions writer;
};

// All that can be set about an origin of the configuration file but its root.
const std::vector<Setting<OriginTask>>& origin_settings();

}  // namespace recentd::settings
