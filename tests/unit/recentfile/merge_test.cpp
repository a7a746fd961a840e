#include "recentfile/merge.hpp"

#include <doctest/doctest.h>

#include <recentd/error.hpp>

#include "sys/tree/dir.hpp"
#include "unit/recentfile/scratch.hpp"

using namespace recentd;
using namespace recentd::test;

namespace {

// Two levels on disk.
struct Pair {
  explicit Pair(const std::string& from_interval = "1h", const std::string& into_interval = "6h")
      : source(*Interval::parse(from_interval)),
        target(*Interval::parse(into_interval)),
        source_file(level_file(scratch.root, from_interval)),
        target_file(level_file(scratch.root, into_interval)) {}

  MergeResult merge(const MergeOptions& options = {}) {
    LevelContent level = get(source_file);
    return merge_level(level, source_file, source, target_file, target, options, quick(), clock);
  }
  [[nodiscard]] Lines target_lines() const { return lines(get(target_file).events); }
  [[nodiscard]] Meta source_meta() const { return *read_meta(source_file); }
  [[nodiscard]] Meta target_meta() const { return *read_meta(target_file); }

  Scratch scratch;
  Interval source, target;
  LevelFile source_file, target_file;
  FakeClock clock{1000000};
};

LevelContent merged_to(LevelContent level, const std::string& text) {
  level.meta.merged = Merged{epoch(text), "1d", "1"};
  return level;
}

}  // namespace

TEST_SUITE("recentfile::merge") {
  TEST_CASE("a missing target is made of the source, and the source remembers how far it was merged") {
    Pair pair;
    put(pair.source_file, content({"30 new c", "20 delete b"}));
    const MergeResult result = pair.merge();
    CHECK(result.changed);
    CHECK(result.carried == 2);
    CHECK(pair.target_lines() == Lines{"30 new c", "20 delete b"});
    CHECK(pair.target_meta().dirtymark == "1");
    REQUIRE(pair.source_meta().merged);
    CHECK(pair.source_meta().merged->epoch->text() == "30");
    CHECK(pair.source_meta().merged->into_interval == "6h");
    CHECK(pair.source_meta().merged->time == "1000000");
  }

  TEST_CASE("the source's events win over the target's of the same path, also over newer ones") {
    Pair pair;
    put(pair.source_file, content({"30 new c", "20 delete b", "10 new a"}));
    put(pair.target_file, content({"25 new a", "15 new b", "5 new old"}));
    const MergeResult result = pair.merge();
    CHECK(pair.target_lines() == Lines{"30 new c", "20 delete b", "10 new a", "5 new old"});
    CHECK(result.dropped == 2);
  }

  TEST_CASE("merging twice changes nothing the second time, not even the inode") {
    Pair pair;
    put(pair.source_file, content({"30 new c", "20 delete b"}));
    put(pair.target_file, content({"15 new b", "5 new old"}));
    CHECK(pair.merge().changed);
    const auto source = sys::stat_path(pair.source_file.path()),
               target = sys::stat_path(pair.target_file.path());
    CHECK_FALSE(pair.merge().changed);
    CHECK(sys::stat_path(pair.source_file.path())->inode == source->inode);
    CHECK(sys::stat_path(pair.target_file.path())->inode == target->inode);
  }

  TEST_CASE("a target that was merged itself is cut to its interval, counted from the newest event") {
    Pair pair;
    put(pair.source_file, content({"1700000100.5 new s"}));
    put(pair.target_file,
        merged_to(content({"1700000000 new a", "1699990000 new b", "1699970000 new c"}), "1700000000"));
    CHECK(pair.merge().dropped == 1);
    CHECK(pair.target_lines() == Lines{"1700000100.5 new s", "1700000000 new a", "1699990000 new b"});
    CHECK(pair.target_meta().minmax_min == "1699990000");
  }

  TEST_CASE(
      "nothing newer than the target's own merged epoch is cut, nothing younger than the source's oldest") {
    Pair pair;
    put(pair.source_file, content({"1700000100.5 new s"}));
    put(pair.target_file,
        merged_to(content({"1699970000 new c", "1699960000 new d", "1699950000 new e"}), "1699960000"));
    pair.merge();
    CHECK(pair.target_lines() == Lines{"1700000100.5 new s", "1699970000 new c", "1699960000 new d"});
    put(pair.source_file, content({"1700000200 new t", "1699950000 new u"}));
    pair.merge();
    CHECK(pair.target_lines().back() == "1699950000 new u");
  }

  TEST_CASE("a level that was never merged upward is never cut") {
    Pair pair;
    put(pair.source_file, content({"1700000100 new s"}));
    put(pair.target_file, content({"1600000000 new a"}));
    pair.merge();
    CHECK(pair.target_lines().size() == 2);
  }

  TEST_CASE("a dirtymark that differs goes up, and nothing is cut then") {
    Pair pair;
    put(pair.source_file, content({"1700000100 new s"}, "77"));
    put(pair.target_file, merged_to(content({"1700000100 new s", "1600000000 new a"}, "66"), "1700000000"));
    CHECK(pair.merge().changed);
    CHECK(pair.target_meta().dirtymark == "77");
    CHECK(pair.target_lines().size() == 2);
    CHECK_FALSE(pair.merge().dropped == 0);
  }

  TEST_CASE("without any dirtymark both files get one and the same") {
    Pair pair;
    put(pair.source_file, content({"30 new c"}, ""));
    put(pair.target_file, content({"20 new a"}, ""));
    pair.merge();
    CHECK(pair.source_meta().dirtymark == "1000000");
    CHECK(pair.target_meta().dirtymark == "1000000");
  }

  TEST_CASE("an event older than what the target has passed on makes the target forget that it has") {
    Pair pair;
    put(pair.source_file, content({"900 new new", "500 new dirty"}, "2"));
    put(pair.target_file, merged_to(content({"800 new a", "100 new b"}), "800"));
    pair.merge();
    REQUIRE(pair.target_meta().merged);
    CHECK_FALSE(pair.target_meta().merged->epoch);
  }

  TEST_CASE("that holds for a target that somebody has left empty, too") {
    Pair pair;
    put(pair.source_file, content({"900 new new", "500 new dirty"}));
    put(pair.target_file, merged_to(content({}), "800"));
    pair.merge();
    REQUIRE(pair.target_meta().merged);
    CHECK_FALSE(pair.target_meta().merged->epoch);
  }

  TEST_CASE("events that the target has already, and newer ones, leave its merged record alone") {
    Pair pair;
    put(pair.source_file, content({"900 new new", "800 new a", "100 new b"}));
    put(pair.target_file, merged_to(content({"800 new a", "100 new b"}), "800"));
    CHECK(pair.merge().changed);
    CHECK(pair.target_meta().merged->epoch->text() == "800");
  }

  TEST_CASE("deletes take the file out of Z and are not kept there") {
    Pair pair("1d", "Z");
    put(pair.source_file, content({"30 new c", "20 delete b"}));
    put(pair.target_file, content({"15 new b", "5 new old"}));
    pair.merge();
    CHECK(pair.target_lines() == Lines{"30 new c", "5 new old"});
  }

  TEST_CASE("with keep_delete_objects_forever deletes stay in Z, and a later merge leaves them there") {
    Pair pair("1d", "Z");
    put(pair.source_file, content({"30 new c", "20 delete b"}));
    put(pair.target_file, content({"15 new b"}));
    MergeOptions keep;
    keep.keep_deletes = true;
    pair.merge(keep);
    CHECK(pair.target_lines() == Lines{"30 new c", "20 delete b"});
    put(pair.source_file, content({"40 new d", "35 delete b", "33 delete gone"}));
    pair.merge();
    CHECK(pair.target_lines() == Lines{"40 new d", "30 new c", "20 delete b"});
  }

  TEST_CASE("a delete whose path Z still holds is reason enough to write Z") {
    Pair pair("1d", "Z");
    put(pair.source_file, content({"20 delete b"}));
    put(pair.target_file, content({"15 new b", "5 new old"}));
    CHECK(pair.merge().changed);
    CHECK(pair.target_lines() == Lines{"5 new old"});
    CHECK_FALSE(pair.merge().changed);
  }

  TEST_CASE("a delete of a path that Z has not got is no reason to write Z") {
    Pair pair("1d", "Z");
    put(pair.source_file, content({"20 delete gone"}));
    put(pair.target_file, content({"5 new old"}));
    CHECK_FALSE(pair.merge().changed);
  }

  TEST_CASE("Z never becomes empty: the newest delete stays in it") {
    Pair pair("1d", "Z");
    put(pair.source_file, content({"20 delete b", "10 delete a"}));
    SUBCASE("there is no Z yet") {}
    SUBCASE("it held only what is deleted now") {
      put(pair.target_file, content({"7 new b", "5 new a"}));
    }
    CHECK(pair.merge().changed);
    CHECK(pair.target_lines() == Lines{"20 delete b"});
    CHECK(pair.source_meta().merged->epoch->text() == "20");
    CHECK_FALSE(pair.merge().changed);
  }

  TEST_CASE("an empty source makes no file") {
    Pair pair;
    put(pair.source_file, content({}));
    CHECK_FALSE(pair.merge().changed);
    CHECK_FALSE(pair.scratch.exists("RECENT-6h.yaml"));
  }

  TEST_CASE("an event that the target lacks is merged though the target has newer ones") {
    Pair pair;
    put(pair.source_file, content({"20 new missed", "10 new a"}));
    put(pair.target_file, content({"30 new c", "10 new a"}));
    CHECK(pair.merge().changed);
    CHECK(pair.target_lines() == Lines{"30 new c", "20 new missed", "10 new a"});
    CHECK(pair.source_meta().merged->epoch->text() == "30");
    CHECK_FALSE(pair.merge().changed);
  }

  TEST_CASE("comment and canonize go along to a new level, unknown keys stay where they are") {
    Pair pair;
    LevelContent level = content({"30 new c"});
    level.meta.comment = "ours";
    level.meta.canonize = "naive_path_normalize";
    level.meta.extras["X-Count"] = Value::scalar("7");
    put(pair.source_file, level);
    pair.merge();
    CHECK(pair.target_meta().comment == "ours");
    CHECK(pair.target_meta().canonize == "naive_path_normalize");
    CHECK(pair.target_meta().extras.empty());
    CHECK(pair.source_meta().extras.at("X-Count").text == "7");
  }

  TEST_CASE("a dirty correction with an older epoch replaces the target's newer event") {
    Pair pair;
    put(pair.source_file, content({"10 delete a"}, "2"));
    put(pair.target_file, content({"20 new a", "5 new b"}));
    pair.merge();
    CHECK(pair.target_lines() == Lines{"10 delete a", "5 new b"});
  }

  TEST_CASE("equal epochs: the target's keeps its value, the source's moves up, below its next newer one") {
    Pair pair;
    put(pair.source_file, content({"30.5 new n3", "20.5 new n2", "10.5 new n1"}));
    put(pair.target_file, content({"20.5 new c2", "10.5 new c1"}));
    pair.merge();
    const LevelContent level = get(pair.target_file);
    REQUIRE(level.events.rows.size() == 5);
    CHECK_FALSE(level.disordered);
    CHECK(lines(level.events)[2] == "20.5 new c2");
    CHECK(level.events.rows[1].path() == "n2");
    CHECK(level.events.rows[1].epoch() < epoch("21.5").view());
    CHECK_FALSE(pair.merge().changed);
  }

  TEST_CASE("a disordered target is sorted and merged") {
    Pair pair;
    put(pair.source_file, content({"50 new s"}));
    put(pair.target_file, content({"30 new c", "20 new b", "10 new a"}));
    std::string bytes = pair.scratch.read("RECENT-6h.yaml");
    bytes.replace(bytes.find("epoch: 20"), 9, "epoch: 40");
    pair.scratch.write("RECENT-6h.yaml", bytes);
    CHECK(pair.merge().changed);
    CHECK(pair.target_lines() == Lines{"50 new s", "40 new b", "30 new c", "10 new a"});
  }

  TEST_CASE("paths that the files repeat are in the target once") {
    Pair pair;
    put(pair.source_file, content({"50 new s", "45 delete s"}));
    put(pair.target_file, content({"30 new c", "20 new c", "10 new s"}));
    pair.merge();
    CHECK(pair.target_lines() == Lines{"50 new s", "30 new c"});
    CHECK(pair.target_meta().minmax_min == "30");
    CHECK(lines(get(pair.source_file).events) == Lines{"50 new s", "45 delete s"});
  }

  TEST_CASE("unknown keys of events go up with them and stay on the target's") {
    Pair pair;
    LevelContent source = content({}), target = content({});
    source.events.append({epoch("50"), "s", EventType::new_, {}, {{"size", "7"}}});
    target.events.append({epoch("40"), "t", EventType::new_, {}, {{"digest", "x:1"}}});
    put(pair.source_file, source);
    put(pair.target_file, target);
    pair.merge();
    const LevelContent level = get(pair.target_file);
    CHECK(level.events.event(level.events.rows[0]).extras.front().second == "7");
    CHECK(level.events.event(level.events.rows[1]).extras.front().second == "x:1");
  }

  TEST_CASE("a broken target stops the merge, and both files stay as they are") {
    Pair pair;
    put(pair.source_file, content({"50 new s"}));
    const std::string source = pair.scratch.read("RECENT-1h.yaml");
    put(pair.target_file, content({"30 new c", "20 new b"}));
    const std::string whole = pair.scratch.read("RECENT-6h.yaml");
    for (const std::string& bytes :
         {std::string(), std::string("]]"), whole.substr(0, whole.rfind("  - "))}) {
      pair.scratch.write("RECENT-6h.yaml", bytes);
      CHECK_THROWS_AS(pair.merge(), Error);
      CHECK(pair.scratch.read("RECENT-6h.yaml") == bytes);
      CHECK(pair.scratch.read("RECENT-1h.yaml") == source);
      CHECK(pair.scratch.names().size() == 2);
    }
  }

  TEST_CASE("a target that is not longer is refused") {
    Pair pair("6h", "1h");
    put(pair.source_file, content({"50 new s"}));
    CHECK_THROWS_AS(pair.merge(), Error);
  }

  TEST_CASE("deciding alone writes nothing") {
    Pair pair;
    put(pair.source_file, content({"50 new s"}));
    MergeOptions options;
    options.decide_only = true;
    CHECK(pair.merge(options).changed);
    CHECK_FALSE(pair.scratch.exists("RECENT-6h.yaml"));
  }

  TEST_CASE("a large target is streamed with the same result") {
    Pair pair("1d", "Z");
    LevelContent source = content({}), target = content({});
    for (int i = 30000; i > 0; --i)
      add_line(target.events, std::to_string(i * 10) + " new f" + std::to_string(i));
    for (int i = 3000; i > 0; --i) {
      add_line(source.events,
               std::to_string(400000 + i) + (i % 3 == 0 ? " delete f" : " new f") + std::to_string(i * 7));
    }
    put(pair.source_file, source);
    put(pair.target_file, target);
    CHECK(pair.merge().dropped == 3000);
    const LevelContent level = get(pair.target_file);
    CHECK(level.events.rows.size() == 29000);
    CHECK_FALSE(level.disordered);
    CHECK(level.meta.minmax_max == std::string(level.newest()->text));
  }
}
