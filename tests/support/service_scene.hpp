#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "support/service.hpp"
#include "support/upstream.hpp"

namespace recentd::test {

// A mirror's entry below `mirrors:`; more: further lines of it, each as "key: value".
inline std::string mirror_entry(const std::string& name, const std::string& source, const std::string& target,
                                const std::vector<std::string>& more = {}) {
  auto text = "  " + name + ":\n    source: " + source + "\n    target: " + target + "\n";
  for (const auto& line : more) text += "    " + line + "\n";
  return text;
}

// A configuration of quick mirrors.
inline std::string quick_mirrors(const std::vector<std::string>& entries) {
  std::string text =
      "defaults:\n  ttl: 0.2\n  loopinterval: 0.2\n  min_poll_interval: 0.1\n  fsync: none\n  create: "
      "true\nmirrors:\n";
  for (const auto& entry : entries) text += entry;
  return text;
}

// An origin with a few files behind a daemon, and a service that is to mirror it.
struct ServiceScene {
  ServiceScene() {
    upstream.put("a", "one");
    upstream.put("d/b", "two");
    upstream.init();
  }
  // The entry of a mirror of the origin, called as its target.
  [[nodiscard]] std::string good(const std::string& name = "good",
                                 const std::vector<std::string>& more = {}) const {
    return mirror_entry(name, upstream.url(), upstream.path(name), more);
  }
  // Puts a new file into the origin; returns its name.
  std::string news() {
    auto file = "news" + std::to_string(++files);
    upstream.put(file, file);
    upstream.announce();
    return file;
  }
  // Whether a new file arrives within the limit.
  bool follows(const std::string& name = "good", std::chrono::milliseconds limit = std::chrono::seconds(5)) {
    const auto file = news();
    return eventually([&] { return upstream.place().read(name + "/" + file) == file; }, limit);
  }
  // Changes with each start of a mirror: when its lock's note was written.
  [[nodiscard]] std::string holder(const std::string& name) const {
    const auto path = upstream.path(name + "/.recentd/holder");
    std::error_code error;
    return std::to_string(std::filesystem::last_write_time(path, error).time_since_epoch().count());
  }

  Upstream upstream;
  Service service;
  int files = 0;
};

}  // namespace recentd::test
