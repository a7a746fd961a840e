#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include <recentd/epoch.hpp>

#include "recentfile/store.hpp"
#include "support/fake_clock.hpp"

namespace recentd::test {

// A directory for one test case, removed at its end.
class Scratch {
 public:
  Scratch() {
    std::string name = (std::filesystem::temp_directory_path() / "recentd-unit-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary directory");
    root = name;
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  ~Scratch() {
    std::error_code ignored;
    std::filesystem::remove_all(root, ignored);
  }
  void write(const std::string& name, const std::string& bytes) const {
    const std::filesystem::path path = root + "/" + name;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << bytes;
  }
  [[nodiscard]] std::string read(const std::string& name) const {
    const std::ifstream in(root + "/" + name, std::ios::binary);
    std::ostringstream out;
    out << in.rdbuf();
    return out.str();
  }
  [[nodiscard]] bool exists(const std::string& name) const {
    return std::filesystem::exists(std::filesystem::symlink_status(root + "/" + name));
  }
  // All names in the root, sorted.
  [[nodiscard]] std::vector<std::string> names() const {
    std::vector<std::string> out;
    for (const auto& entry : std::filesystem::directory_iterator(root))
      out.push_back(entry.path().filename());
    std::sort(out.begin(), out.end());
    return out;
  }
  std::string root;
};

inline Epoch epoch(const std::string& text) {
  return *Epoch::parse(text);
}
inline TimePoint at(double seconds) {
  return FakeClock(seconds).now();
}

// "EPOCH TYPE PATH" for each event, newest first; also how events are written down below.
inline std::vector<std::string> lines(const EventList& events) {
  std::vector<std::string> out;
  for (const EventRow& row : events.rows) {
    out.push_back(std::string(row.epoch().text) + " " + std::string(to_string(row.type)) + " " +
                  std::string(row.path()));
  }
  return out;
}

inline void add_line(EventList& events, const std::string& line) {
  const std::size_t one = line.find(' '), two = line.find(' ', one + 1);
  events.append({epoch(line.substr(0, one)),
                 line.substr(two + 1),
                 parse_event_type(line.substr(one + 1, two - one - 1)),
                 {},
                 {}});
}

inline LevelContent content(const std::vector<std::string>& events, const std::string& dirtymark = "1") {
  LevelContent out;
  if (!dirtymark.empty()) out.meta.dirtymark = dirtymark;
  for (const std::string& line : events) add_line(out.events, line);
  return out;
}

inline LevelFile level_file(const std::string& root, const std::string& interval) {
  return {root, {"RECENT", interval, ".yaml"}};
}

inline StorePolicy quick() {
  StorePolicy policy;
  policy.fsync = Fsync::none;
  return policy;
}

inline void put(const LevelFile& file, const LevelContent& level, double now = 1000) {
  FakeClock clock(now);
  write_level(file, level.meta, level.events, {}, quick(), clock);
}

inline LevelContent get(const LevelFile& file) {
  std::optional<LevelContent> level = read_level(file, Reader::writer);
  REQUIRE(level);
  return std::move(*level);
}

using Lines = std::vector<std::string>;

}  // namespace recentd::test
