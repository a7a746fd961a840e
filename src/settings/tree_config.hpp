#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include <recentd/mirror.hpp>

#include "settings/origin_settings.hpp"
#include "settings/setting.hpp"

namespace recentd::settings {

// Where a tree's doings are told.
struct ReportOptions {
  bool verbose = false;
  std::string verboselog;  // implies verbose; appended to
};

// One tree of a configuration file, and the keys that it may have. Values.
struct TreeConfig {
  enum class Kind { mirror, origin };

  Kind kind = Kind::mirror;
  std::string name;
  std::size_t line = 0;
  // Each key that was given, defaults included, with its texts.
  std::map<std::string, std::vector<std::string>> given;

  MirrorOptions mirror;  // of a mirror
  OriginTask origin;     // of an origin
  ReportOptions report;

  // The directory that it works on, as written.
  [[nodiscard]] const std::string& place() const {
    return kind == Kind::mirror ? mirror.target : origin.root;
  }
  // Whether a service that runs the one runs the other.
  [[nodiscard]] bool same_work(const TreeConfig& other) const {
    return kind == other.kind && name == other.name && given == other.given;
  }
};

// All keys of a tree of this kind, those that it needs first.
const std::vector<Setting<TreeConfig>>& keys_of(TreeConfig::Kind kind);
// The keys that a tree of this kind cannot do without.
const std::vector<std::string>& needed_keys(TreeConfig::Kind kind);

}  // namespace recentd::settings
