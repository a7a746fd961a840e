#include "recentfile/update.hpp"

#include <algorithm>
#include <deque>

#include <doctest/doctest.h>

#include "unit/recentfile/scratch.hpp"

using namespace recentd;
using namespace recentd::test;

namespace {

// Holds what items refer to until the program ends.
template <typename T>
const T& keep(T value) {
  static std::deque<T> kept;
  return kept.emplace_back(std::move(value));
}

UpdateItem item(const std::string& path, EventType type = EventType::new_) {
  return {keep(path), type};
}
UpdateItem dated(const std::string& path, const std::string& text, EventType type = EventType::new_) {
  return {keep(path), type, &keep(epoch(text))};
}

const Interval k_hour = *Interval::parse("1h");

UpdateResult apply(LevelContent& level, const std::vector<UpdateItem>& items, double now) {
  return apply_update(level, items, k_hour, at(now));
}

Lines paths(const LevelContent& level) {
  Lines out;
  for (const EventRow& row : level.events.rows) out.emplace_back(row.path());
  return out;
}

bool descends(const LevelContent& level) {
  const auto& rows = level.events.rows;
  for (std::size_t i = 1; i < rows.size(); ++i) {
    if (!(rows[i].epoch() < rows[i - 1].epoch())) return false;
  }
  return true;
}

void merged_up_to(LevelContent& level, const std::string& text) {
  level.meta.merged = Merged{epoch(text), "6h", "1"};
}

}  // namespace

TEST_SUITE("recentfile::update") {
  TEST_CASE("an undated event gets now and stands in front") {
    LevelContent level = content({"100.5 new a"});
    const UpdateResult result = apply(level, {item("b")}, 200);
    CHECK(lines(level.events) == Lines{"200 new b", "100.5 new a"});
    CHECK(result.changed);
    CHECK(result.registered == 1);
    CHECK_FALSE(result.dirty);
    CHECK(level.meta.dirtymark == "1");
  }

  TEST_CASE("the events of one call go up by ticks of 10 us") {
    LevelContent level = content({});
    apply(level, {item("a"), item("b"), item("c")}, 200);
    CHECK(lines(level.events) == Lines{"200.00002 new c", "200.00001 new b", "200 new a"});
  }

  TEST_CASE("a path registered anew loses its older events") {
    LevelContent level = content({"120 new b", "110 new a", "100 delete a"});
    apply(level, {item("a", EventType::delete_)}, 200);
    CHECK(lines(level.events) == Lines{"200 delete a", "120 new b"});
  }

  TEST_CASE("a fresh epoch is above everything the level held, also above the path's own old event") {
    LevelContent level = content({"300 new a", "100 new b"});
    apply(level, {item("a")}, 200);
    CHECK(lines(level.events) == Lines{"300.0000001 new a", "100 new b"});
  }

  TEST_CASE("a burst of 10000 undated events keeps a strict order, also when the clock stands still") {
    LevelContent level = content({});
    std::vector<UpdateItem> items;
    for (int i = 0; i < 10000; ++i) items.push_back(item("f" + std::to_string(i)));
    apply(level, items, 1795300009.733345747);
    apply(level, {item("after")}, 1795300009.733345747);
    CHECK(level.events.rows.size() == 10001);
    CHECK(descends(level));
    CHECK(level.events.rows.back().epoch().text == "1795300009.73335");
    CHECK(level.events.rows.front().path() == "after");
  }

  TEST_CASE("a dated event goes where its epoch belongs and moves the dirtymark to now") {
    LevelContent level = content({"130 new c", "110 new a"});
    const UpdateResult result = apply(level, {dated("x", "120.5")}, 200);
    CHECK(lines(level.events) == Lines{"130 new c", "120.5 new x", "110 new a"});
    CHECK(result.dirty);
    CHECK(level.meta.dirtymark == "200");
    REQUIRE(level.meta.merged);
    CHECK_FALSE(level.meta.merged->epoch);
  }

  TEST_CASE("a dated event above what was merged leaves the merged record alone") {
    LevelContent level = content({"130 new c"});
    merged_up_to(level, "120");
    apply(level, {dated("x", "125")}, 200);
    CHECK(level.meta.merged->epoch->text() == "120");
    apply(level, {dated("y", "119")}, 201);
    CHECK_FALSE(level.meta.merged->epoch);
  }

  TEST_CASE("a dated event takes a newer event of its path away: the last registration wins") {
    LevelContent level = content({"130 new c", "110 new a"});
    apply(level, {dated("c", "100", EventType::delete_)}, 200);
    CHECK(lines(level.events) == Lines{"110 new a", "100 delete c"});
  }

  TEST_CASE("an epoch in the future becomes now, and the change is dirty all the same") {
    LevelContent level = content({"100 new a"});
    const UpdateResult result = apply(level, {dated("b", "5000"), dated("c", "6000")}, 200);
    CHECK(lines(level.events) == Lines{"200.00001 new b", "200 new c", "100 new a"});
    CHECK(result.clamped == 2);
    CHECK(result.dirty);
    CHECK(apply(level, {dated("d", "300")}, 300).clamped == 0);
  }

  TEST_CASE("the dirtymark differs from the one before, also within one instant") {
    LevelContent level = content({"100 new a"});
    apply(level, {dated("b", "50")}, 200);
    CHECK(level.meta.dirtymark == "200");
    apply(level, {dated("c", "60")}, 200);
    CHECK(level.meta.dirtymark == "200.00001");
  }

  TEST_CASE("the dirtymark may go down with the clock") {
    LevelContent level = content({"100 new a"}, "900");
    apply(level, {dated("b", "50")}, 200);
    CHECK(level.meta.dirtymark == "200");
  }

  TEST_CASE("an epoch that is taken is raised to between it and the next newer one") {
    LevelContent level = content({"101 new b", "100 new a"});
    apply(level, {dated("x", "100"), dated("y", "100.0")}, 200);
    CHECK(paths(level) == Lines{"b", "x", "y", "a"});
    CHECK(descends(level));
  }

  TEST_CASE("an event that is raised stays within its second") {
    LevelContent level = content({"5000 new b", "100 new a"});
    apply(level, {dated("x", "100")}, 9000);
    CHECK(paths(level) == Lines{"b", "x", "a"});
    CHECK(level.events.rows[1].epoch() < epoch("101").view());
  }

  TEST_CASE("1000 files of one second share it with few digits") {
    LevelContent level = content({});
    std::vector<UpdateItem> items;
    for (int i = 0; i < 1000; ++i) items.push_back(dated("f" + std::to_string(i), "1234567890"));
    apply(level, items, 1300000000);
    CHECK(level.events.rows.size() == 1000);
    CHECK(descends(level));
    const auto longest =
        std::max_element(level.events.rows.begin(), level.events.rows.end(),
                         [](const auto& a, const auto& b) { return a.epoch_bytes < b.epoch_bytes; });
    CHECK(longest->epoch_bytes <= 15);
    CHECK(level.events.rows.front().epoch() < epoch("1234567891").view());
    CHECK(level.events.rows.back().path() == "f0");
    CHECK(level.events.rows.front().path() == "f1");
  }

  TEST_CASE("registering the same path and epoch again changes nothing") {
    LevelContent level = content({"130 new c", "110.0 new a"});
    const UpdateResult result = apply(level, {dated("a", "110")}, 200);
    CHECK_FALSE(result.changed);
    CHECK_FALSE(result.dirty);
    CHECK(level.meta.dirtymark == "1");
    CHECK(lines(level.events) == Lines{"130 new c", "110.0 new a"});
    CHECK(apply(level, {dated("a", "110", EventType::delete_)}, 200).changed);
  }

  TEST_CASE("a file that has a path twice is cleaned when the path comes again") {
    LevelContent level = content({"110.5 new a", "110 new a"});
    apply(level, {dated("a", "110")}, 200);
    CHECK(lines(level.events) == Lines{"110 new a"});
  }

  TEST_CASE("of several dated items of a path the highest epoch wins, undated ones win over dated ones") {
    LevelContent level = content({});
    apply(level, {dated("r", "10"), dated("r", "30", EventType::delete_), dated("r", "20")}, 200);
    CHECK(lines(level.events) == Lines{"30 delete r"});
    apply(level, {item("r"), dated("r", "50"), item("r", EventType::delete_)}, 300);
    CHECK(lines(level.events) == Lines{"300 delete r"});
  }

  TEST_CASE("equal and disordered epochs of a file are put in order by the next write") {
    LevelContent level = content({"120 new c", "110.50 new b", "110.5 new a"});
    level.disordered = true;
    apply(level, {item("d")}, 200);
    CHECK(paths(level) == Lines{"d", "c", "b", "a"});
    CHECK(descends(level));
    CHECK(level.meta.dirtymark == "1");
  }

  TEST_CASE("a tie that is raised past what was merged moves the dirtymark") {
    LevelContent level = content({"110 new b", "110 new a"});
    level.disordered = true;
    merged_up_to(level, "110");
    CHECK(apply(level, {item("d")}, 200).dirty);
    CHECK(level.meta.dirtymark == "200");
  }

  TEST_CASE("the texts of other events stay as they were") {
    LevelContent level = content({"997872012.50 new c", "997872011 new b", "0999999.5 new a"});
    apply(level, {item("d"), dated("x", "997872011.5")}, 1300000000.25);
    CHECK(lines(level.events) == Lines{"1300000000.25 new d", "997872012.50 new c", "997872011.5 new x",
                                       "997872011 new b", "0999999.5 new a"});
  }

  TEST_CASE("two items of one epoch, the second one's path known, end in a batch without loss") {
    LevelContent level = content({"150 new b", "140 new known"});
    apply(level, {dated("fresh", "50"), dated("known", "50")}, 200);
    CHECK(level.events.rows.size() == 3);
    CHECK(descends(level));
    CHECK(paths(level) == Lines{"b", "known", "fresh"});
  }

  TEST_CASE("registering 20000 paths into 20000 takes no quadratic time") {
    LevelContent level = content({});
    std::vector<UpdateItem> first, second;
    for (int i = 0; i < 20000; ++i) first.push_back(item("a/long/enough/path/" + std::to_string(i)));
    for (int i = 0; i < 20000; ++i) second.push_back(item("a/long/enough/path/" + std::to_string(i + 10000)));
    const auto start = std::chrono::steady_clock::now();
    apply(level, first, 1000);
    apply(level, second, 2000);
    // Even a debug build under a sanitizer needs a tenth of this; the quadratic way takes minutes.
    CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(10));
    CHECK(level.events.rows.size() == 30000);
  }

  TEST_CASE("nothing is truncated before the first merge") {
    LevelContent level = content({"9990 new b", "100 new a"});
    CHECK(apply(level, {}, 99999).truncated == 0);
    CHECK(level.events.rows.size() == 2);
  }

  TEST_CASE("truncation keeps the interval and what the next level has not got") {
    LevelContent level = content({"9990 new a", "9000 new b", "6500 new c", "6300 new d", "100 new e"});
    merged_up_to(level, "9000");
    const UpdateResult result = apply(level, {}, 10000);
    CHECK(paths(level) == Lines{"a", "b", "c"});
    CHECK(result.truncated == 2);
    CHECK(result.changed);
    apply(level, {}, 90000);
    CHECK(paths(level) == Lines{"a", "b"});
    CHECK_FALSE(apply(level, {}, 90001).changed);
  }

  TEST_CASE("a dirty change truncates nothing") {
    LevelContent level = content({"9990 new a", "100 new e"});
    merged_up_to(level, "9990");
    CHECK(apply(level, {dated("x", "9995")}, 99999).truncated == 0);
  }

  TEST_CASE("the newest event stays even when all of it was merged long ago") {
    LevelContent level = content({"100 new a"});
    merged_up_to(level, "5000");
    apply(level, {}, 99999);
    CHECK(paths(level) == Lines{"a"});
  }

  TEST_CASE("an event exactly one interval old stays") {
    LevelContent level = content({"9000 new c", "6400.00001 new b", "6400 new a", "6399.99999 new z"});
    merged_up_to(level, "9000");
    apply(level, {}, 10000);
    CHECK(paths(level) == Lines{"c", "b", "a"});
  }

  TEST_CASE("an empty level is written, and gets its dirtymark with the first write") {
    LevelContent level = content({}, "");
    CHECK(apply(level, {}, 200).changed);
    CHECK(level.meta.dirtymark == "200");
    LevelContent full = content({"100 new a"}, "");
    CHECK_FALSE(apply(full, {}, 200).changed);
    CHECK_FALSE(full.meta.dirtymark);
  }

  TEST_CASE("unknown keys of untouched events stay") {
    LevelContent level = content({});
    level.events.append({epoch("100"), "a", EventType::new_, {}, {{"size", "7"}}});
    apply(level, {item("b"), dated("c", "50")}, 200);
    REQUIRE(level.events.rows.size() == 3);
    const EventDetails* details = level.events.details(level.events.rows[1]);
    REQUIRE(details != nullptr);
    CHECK(details->extras.front().second == "7");
  }
}
