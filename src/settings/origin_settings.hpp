#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include <recentd/origin.hpp>
#include <recentd/watch.hpp>

#include "settings/setting.hpp"

namespace recentd::settings {

// What the service does for an origin: it aggregates, again and again, and watches it if that is wanted.
struct OriginTask {
  std::string root;
  bool watch = false;
  WatchOptions watching;
  std::optional<std::string> filenameroot;
  std::chrono::nanoseconds aggregate = std::chrono::seconds(60);  // from one start to the next
  WriterOptions writer;
};

// How a tree is watched.
const std::vector<Setting<WatchOptions>>& watch_settings();

// All that can be set about an origin of the configuration file but its root.
const std::vector<Setting<OriginTask>>& origin_settings();

}  // namespace recentd::settings
