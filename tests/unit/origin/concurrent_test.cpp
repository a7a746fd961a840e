#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sys/tree/dir.hpp"
#include "unit/origin/set.hpp"
#include "unit/recentfile/processes.hpp"

using namespace recentd;
using namespace recentd::test;

namespace {

Origin real(const Set& set) {
  OriginSettings settings = set.settings;
  WriterOptions options;
  options.fsync = Fsync::none;
  options.locktimeout = std::chrono::seconds(60);
  return Origin::construct(set.scratch.root, settings, options);
}

// Registers `count` paths of its own, one by one.
Child start_writer(const Set& set, const std::string& stem, int count) {
  return start_child([&set, stem, count] {
    Origin origin = real(set);
    for (int i = 0; i < count; ++i) origin.update({stem + std::to_string(i), EventType::new_, {}});
    return 0;
  });
}

}  // namespace

TEST_SUITE("origin::concurrent") {
  TEST_CASE("8 processes behind a dead process's lock: all updates are kept") {
    Set set;
    real(set).update({"first", EventType::new_, {}});
    std::filesystem::create_directory(set.scratch.root + "/RECENT-1h.yaml.lock");
    set.scratch.write("RECENT-1h.yaml.lock/process", std::to_string(dead_pid()) + "\n");
    std::vector<Child> children;
    for (int i = 0; i < 8; ++i) children.push_back(start_writer(set, "w" + std::to_string(i) + "/", 12));
    for (Child& child : children) CHECK(child.wait() == 0);
    CHECK(set.present().size() == 1 + 8 * 12);
    CHECK(set.scratch.names() == Lines{"RECENT-1h.yaml", "RECENT.recent"});
  }

  TEST_CASE("updates and aggregates of several processes interleave without loss") {
    Set set;
    real(set).update({"first", EventType::new_, {}});
    std::vector<Child> children;
    for (int i = 0; i < 4; ++i) children.push_back(start_writer(set, "w" + std::to_string(i) + "/", 25));
    for (int i = 0; i < 2; ++i) {
      children.push_back(start_child([&set] {
        for (int round = 0; round < 15; ++round) real(set).aggregate(true);
        return 0;
      }));
    }
    for (Child& child : children) CHECK(child.wait() == 0);
    real(set).aggregate(true);
    CHECK(set.present().size() == 1 + 4 * 25);
    CHECK(set.level("Z").size() == 1 + 4 * 25);
  }

  TEST_CASE("a writer that is killed in the middle never costs an event of the others") {
    Set set;
    real(set).update({"first", EventType::new_, {}});
    for (int round = 0; round < 6; ++round) {
      Child victim = start_writer(set, "victim" + std::to_string(round) + "/", 100000);
      ::usleep(static_cast<useconds_t>(3000 + round * 1700));
      victim.kill();
      Child other = start_writer(set, "other" + std::to_string(round) + "/", 3);
      CHECK(other.wait() == 0);
    }
    Lines others;
    for (const std::string& path : set.present()) {
      if (path.starts_with("other")) others.push_back(path);
    }
    CHECK(others.size() == 18);
  }
}
