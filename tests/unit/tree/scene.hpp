#pragma once

#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <unistd.h>

#include <recentd/error.hpp>
#include <recentd/reading.hpp>

#include "tree/tree.hpp"
#include "unit/recentfile/scratch.hpp"

namespace recentd::test {

inline Lines shown(const std::vector<Event>& events) {
  Lines out;
  for (const Event& event : events) {
    out.push_back(event.epoch.text() + " " + std::string(to_string(event.type)) + " " + event.path);
  }
  return out;
}

// The three levels of the reference's own example, with a gap nowhere.
struct Tree {
  Tree() {
    LevelContent hour =
        content({"90.5 new p0", "80.5 new p1", "70.5 delete p2", "60.5 new p3", "50.5 new p4"});
    hour.meta.aggregator = Lines{"1d", "Z"};
    hour.meta.merged = Merged{epoch("60.5"), "1d", "61"};
    put(level_file(scratch.root, "1h"), hour);
    LevelContent day = content({"60.5 new p3", "50.5 new p4", "40.5 delete p5", "30.5 new p1", "25 new z1"});
    day.meta.merged = Merged{epoch("20"), "Z", "61"};
    put(level_file(scratch.root, "1d"), day);
    put(level_file(scratch.root, "Z"), content({"25 new z1", "5 new z2"}));
    REQUIRE(::symlink("RECENT-1h.yaml", (scratch.root + "/RECENT.recent").c_str()) == 0);
  }
  [[nodiscard]] Lines news(const EventFilter& filter = {}, NewsMode mode = NewsMode::newest_per_path) const {
    return shown(recentd::news(scratch.root, filter, mode));
  }
  [[nodiscard]] Lines events(const EventFilter& filter) const {
    return shown(recent_events(scratch.root + "/RECENT-1h.yaml", filter));
  }
  Scratch scratch;
};

inline EventFilter after(const std::string& text) {
  EventFilter filter;
  filter.after = epoch(text);
  return filter;
}

inline EventFilter before(const std::string& text) {
  EventFilter filter;
  filter.before = epoch(text);
  return filter;
}

// A principal with this aggregator, and its link.
inline void make_set(const Scratch& scratch, const Lines& aggregator,
                     const std::string& filenameroot = "RECENT") {
  LevelContent level = content({"30 new c"});
  level.meta.aggregator = aggregator;
  put({scratch.root, {filenameroot, "1h", ".yaml"}}, level);
  REQUIRE(::symlink((filenameroot + "-1h.yaml").c_str(),
                    (scratch.root + "/" + filenameroot + ".recent").c_str()) == 0);
}

inline Lines specs(const TreeLayout& layout) {
  Lines out;
  for (const Interval& interval : layout.levels) out.push_back(interval.spec());
  return out;
}

inline Kind failure(const std::string& tree, std::string* message = nullptr) {
  try {
    open_tree(tree);
  } catch (const Error& error) {
    if (message != nullptr) *message = error.what();
    return error.kind();
  }
  return Kind::internal;
}

}  // namespace recentd::test
