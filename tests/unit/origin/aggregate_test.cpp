#include <doctest/doctest.h>

#include "sys/tree/dir.hpp"
#include "unit/origin/set.hpp"

using namespace recentd;
using namespace recentd::test;

namespace {

constexpr double k_start = 1300000000;
constexpr double k_hour = 3600, k_day = 86400;

}  // namespace

TEST_SUITE("origin::aggregate") {
  TEST_CASE("the first aggregate makes all levels") {
    Set set;
    set.add("a", k_start);
    CHECK(set.aggregate(k_start + 1) == Lines{"6h", "1d", "Z"});
    for (const char* interval : {"6h", "1d", "Z"}) CHECK(set.level(interval) == Lines{"1300000000 new a"});
    CHECK(set.meta("1h").merged->into_interval == "6h");
    CHECK(set.meta("1d").merged->into_interval == "Z");
    CHECK_FALSE(set.meta("Z").merged);
  }

  TEST_CASE("an empty tree has no larger level") {
    Set set;
    CHECK(set.aggregate(k_start).empty());
    CHECK(set.scratch.names() == Lines{"RECENT-1h.yaml", "RECENT.recent"});
  }

  TEST_CASE("a level is merged into when it is older than the interval two below") {
    Set set;
    set.add("a", k_start);
    set.aggregate(k_start);
    set.add("b", k_start + 10);
    CHECK(set.aggregate(k_start + 20) == Lines{"6h"});
    set.add("c", k_start + k_hour);
    CHECK(set.aggregate(k_start + k_hour) == Lines{"6h"});
    set.add("d", k_start + k_hour + 1);
    CHECK(set.aggregate(k_start + k_hour + 1) == Lines{"6h", "1d"});
    set.add("e", k_start + 5 * k_hour);
    CHECK(set.aggregate(k_start + 5 * k_hour) == Lines{"6h", "1d"});
    CHECK(set.level("Z") == Lines{"1300000000 new a"});
    set.add("f", k_start + 7 * k_hour);
    CHECK(set.aggregate(k_start + 7 * k_hour) == Lines{"6h", "1d", "Z"});
  }

  TEST_CASE("deltas are offered where that is wanted, and by every writer from then on") {
    Set set;
    const auto add_many = [&](const std::string& prefix, int count, double now) {
      set.clock.set(now);
      std::vector<UpdateRequest> requests;
      for (int i = 0; i < count; ++i) requests.push_back({.path = prefix + std::to_string(i)});
      set.construct().batch_update(requests);
    };
    const std::string versions = "RECENT.http/RECENT-6h.yaml.versions";
    const auto digest = [&] { return set.scratch.read(versions).substr(0, 150); };
    add_many("a", 400, k_start);
    set.aggregate(k_start + 1);
    CHECK_FALSE(set.scratch.exists("RECENT.http"));
    set.options.publish_http = true;
    set.options.dry_run = true;
    set.aggregate(k_start + 2);
    CHECK_FALSE(set.scratch.exists("RECENT.http"));
    set.options.dry_run = false;
    CHECK(set.aggregate(k_start + 2).empty());  // there is no news, and it is offered all the same
    REQUIRE(set.scratch.exists(versions));
    CHECK(set.scratch.exists("RECENT.http/RECENT-1h.yaml.versions"));
    const auto first = digest();
    set.options.publish_http = false;
    add_many("b", 40, k_start + 60);
    set.aggregate(k_start + 61);
    CHECK(digest() != first);
    CHECK(set.scratch.read(versions).find("\nfrom ") != std::string::npos);
    const auto second = digest();
    set.add("dirty", k_start + 70, "1200000000.5");
    CHECK(set.construct().batch_update_and_carry({{.path = "late", .epoch = epoch("1200000001.5")}}).dirty);
    CHECK(digest() != second);
    CHECK(set.warnings.empty());
  }

  TEST_CASE("what keeps deltas from being offered is told, and the index is written") {
    Set set;
    set.options.publish_http = true;
    set.scratch.write("RECENT.http", "mine");
    set.add("a", k_start);
    CHECK(set.aggregate(k_start + 1) == Lines{"6h", "1d", "Z"});
    REQUIRE(set.warnings.size() == 2);  // by the update and by the aggregation
    for (const auto& warning : set.warnings)
      CHECK(warning.find("RECENT.http is no directory") != std::string::npos);
    CHECK(set.scratch.read("RECENT.http") == "mine");
  }

  TEST_CASE("aggregating twice without news changes no file") {
    Set set;
    set.add("a", k_start);
    set.remove("gone", k_start + 1);
    set.aggregate(k_start + 2, true);
    std::vector<std::uint64_t> inodes;
    for (const std::string& name : set.scratch.names())
      inodes.push_back(sys::lstat_path(set.scratch.root + "/" + name)->inode);
    CHECK(set.aggregate(k_start + 3, true).empty());
    std::vector<std::uint64_t> after;
    for (const std::string& name : set.scratch.names())
      after.push_back(sys::lstat_path(set.scratch.root + "/" + name)->inode);
    CHECK(inodes == after);
  }

  TEST_CASE("dirty events survive ordinary aggregates all the way to Z") {
    Set set;
    set.add("a", k_start);
    set.aggregate(k_start + 1, true);
    set.add("old", k_start + 10, "1200000000");
    for (int i = 1; i < 60; ++i) {
      set.aggregate(k_start + 20 + i * k_hour);
      CHECK(set.present() == Lines{"a", "old"});
      if (i % 7 == 0) set.add("a", k_start + 30 + i * k_hour);
    }
    CHECK(set.level("Z").back() == "1200000000 new old");
  }

  TEST_CASE("a dirty batch is carried up to Z under one lock, and the levels are cut again") {
    Set set;
    set.add("a", k_start);
    set.aggregate(k_start + 1, true);
    set.clock.set(k_start + 10);
    const UpdateReport report =
        set.open().batch_update_and_carry({{"old", EventType::new_, epoch("1200000000")}});
    CHECK(report.dirty);
    CHECK(set.level("Z").back() == "1200000000 new old");
    CHECK(set.level("1d") == Lines{"1300000000 new a"});
    CHECK(set.level("1h") == Lines{"1300000000 new a"});
    for (const char* interval : {"1h", "6h", "1d", "Z"}) CHECK(set.meta(interval).dirtymark == "1300000010");
    CHECK_FALSE(set.scratch.exists("RECENT-1h.yaml.lock"));
  }

  TEST_CASE("a batch that is not dirty is not carried anywhere") {
    Set set;
    CHECK_FALSE(set.construct().batch_update_and_carry({{"a", EventType::new_, {}}}).dirty);
    CHECK(set.scratch.names().size() == 2);
  }

  TEST_CASE("a delete alone reaches Z") {
    Set set;
    set.add("a", k_start);
    set.add("b", k_start + 1);
    set.aggregate(k_start + 2, true);
    set.remove("a", k_start + 3);
    set.aggregate(k_start + 4, true);
    CHECK(set.level("Z") == Lines{"1300000001 new b"});
    CHECK(set.present() == Lines{"b"});
  }

  TEST_CASE("keep_delete_objects_forever holds for aggregates, and later ones without it keep what is kept") {
    Set set;
    set.options.keep_delete_objects_forever = true;
    set.add("a", k_start);
    set.remove("b", k_start + 1);
    set.aggregate(k_start + 2, true);
    CHECK(set.level("Z") == Lines{"1300000001 delete b", "1300000000 new a"});
    set.options.keep_delete_objects_forever = false;
    set.remove("c", k_start + 3);
    set.add("d", k_start + 4);
    set.aggregate(k_start + 5, true);
    CHECK(set.level("Z") == Lines{"1300000004 new d", "1300000001 delete b", "1300000000 new a"});
  }

  TEST_CASE("a comment reaches the larger levels") {
    Set set;
    set.settings.comment = "ours";
    set.add("a", k_start);
    set.aggregate(k_start, true);
    CHECK(set.meta("Z").comment == "ours");
  }

  TEST_CASE("a level that nobody merges into keeps its surplus") {
    Set set;
    set.add("a", k_start);
    set.aggregate(k_start, true);
    set.add("b", k_start + k_hour);
    set.aggregate(k_start + k_hour, true);
    CHECK(set.aggregate(k_start + 300 * k_day).empty());
    CHECK(set.level("6h").size() == 2);
    CHECK(set.level("1h") == Lines{"1300003600 new b"});
  }

  TEST_CASE("the principal is cut to its interval once it was merged") {
    Set set;
    set.add("a", k_start);
    set.add("b", k_start + 1);
    set.aggregate(k_start + 2);
    set.clock.set(k_start + 3 * k_hour);
    CHECK(set.open().update().truncated == 1);
    CHECK(set.level("1h") == Lines{"1300000001 new b"});
    CHECK(set.level("6h").size() == 2);
  }

  TEST_CASE("a broken larger level stops the walk there and stays as it is") {
    Set set;
    set.add("a", k_start);
    set.aggregate(k_start, true);
    set.scratch.write("RECENT-1d.yaml", "]]");
    set.add("b", k_start + 1);
    std::string message;
    CHECK(kind_of([&] { set.aggregate(k_start + 2, true); }, &message) == Kind::corrupt);
    CHECK(message.find("RECENT-1d.yaml") != std::string::npos);
    CHECK(set.scratch.read("RECENT-1d.yaml") == "]]");
    CHECK(set.level("6h").size() == 2);
    CHECK(set.scratch.names().size() == 5);
  }

  TEST_CASE("a chain that the settings change is followed from the next aggregate on") {
    Set set({"1d", "Z"});
    set.add("a", k_start);
    set.aggregate(k_start, true);
    set.settings.aggregator = {"6h", "1d", "Z"};
    set.add("b", k_start + 1);
    set.aggregate(k_start + 2, true);
    CHECK(set.level("6h").size() == 2);
    CHECK(*set.meta("Z").aggregator == Lines{"6h", "1d", "Z"});
    CHECK(set.open().aggregate(true).merged_into.empty());
  }

  TEST_CASE(
      "an invalid interval in the chain is refused when the set is made, and an error that names it later") {
    Set set({"1d", "1x", "Z"});
    std::string message;
    CHECK(kind_of([&] { set.add("a", k_start); }, &message) == Kind::usage);
    CHECK(message.find("1x") != std::string::npos);
    CHECK(set.scratch.names().empty());
    LevelContent level = content({"1300000000 new a"});
    level.meta.aggregator = Lines{"1d", "1x", "Z"};
    put(set.file("1h"), level);
    CHECK(kind_of([&] { set.aggregate(k_start + 1); }, &message) == Kind::usage);
    CHECK(kind_of([&] { (void)set.open().aggregate(true); }, &message) == Kind::corrupt);
    CHECK(message.find("RECENT-1h.yaml: ") != std::string::npos);
    CHECK(set.scratch.names() == Lines{"RECENT-1h.yaml"});
  }

  TEST_CASE("a level whose file is dated in the future is merged into, and dated right then") {
    Set set({"6h", "1d", "Z"});
    set.add("a", 1300000000);
    set.open().aggregate(true);
    const auto far = std::filesystem::file_time_type::clock::now() + std::chrono::hours(24 * 365);
    std::filesystem::last_write_time(set.file("1d").path(), far);
    set.add("b", 1300000100);
    const auto report = set.open().aggregate();
    CHECK(std::ranges::count(report.merged_into, "1d") == 1);
    CHECK(set.level("1d").front() == "1300000100 new b");
    CHECK(std::filesystem::last_write_time(set.file("1d").path()) < far);
  }
}
