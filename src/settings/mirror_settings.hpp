#pragma once

#include <string>
#include <vector>

#include <recentd/mirror.hpp>

#include "settings/setting.hpp"

namespace recentd::settings {

// How an upstream is reached: those of a mirror's settings that other commands offer, too.
const std::vector<Setting<ConnectOptions>>& connect_settings();

// All that can be set about a mirror but its source and its target: what `recentd mirror` offers on the
// command line and what the configuration file takes for each tree. A new option is one more row in the table
// of its group.
const std::vector<Setting<MirrorOptions>>& mirror_settings();

// Settings that make no sense together, or none without another one.
struct Contradiction {
  std::string setting;  // option names
  std::string other;
  enum class Rule { excludes, needs } rule;
};
const std::vector<Contradiction>& mirror_contradictions();

}  // namespace recentd::settings
