#include "recentfile/update_large.hpp"

#include <random>

#include <doctest/doctest.h>

#include <recentd/error.hpp>

#include "unit/recentfile/scratch.hpp"

using namespace recentd;
using namespace recentd::test;

namespace {

const Interval k_hour = *Interval::parse("1h");

// The level `1h` in two places, one for each way of updating it.
struct Both {
  explicit Both(const LevelContent& level) {
    put(whole, level);
    put(streamed, level);
  }

  // Both ways, and their results. The file's bytes must be the same.
  std::pair<UpdateResult, std::optional<UpdateResult>> update(const std::vector<UpdateItem>& items,
                                                              double now) {
    FakeClock clock(now);
    LevelContent level = get(whole);
    const UpdateResult held = apply_update(level, items, k_hour, clock.now());
    if (held.changed) write_level(whole, level.meta, level.events, level.mtime_s, quick(), clock);
    const auto opened = open_level(streamed, Reader::writer);
    return {held, update_large(streamed, *opened, opened->reader->meta(), items, k_hour, quick(), clock)};
  }
  [[nodiscard]] bool same() const { return one.read("RECENT-1h.yaml") == other.read("RECENT-1h.yaml"); }

  Scratch one, other;
  LevelFile whole = level_file(one.root, "1h"), streamed = level_file(other.root, "1h");
};

LevelContent merged_to(LevelContent level, const std::string& text) {
  level.meta.merged = Merged{recentd::test::epoch(text), "6h", "1"};
  return level;
}

bool same_result(const UpdateResult& a, const UpdateResult& b) {
  return a.changed == b.changed && a.dirty == b.dirty && a.registered == b.registered &&
         a.clamped == b.clamped && a.truncated == b.truncated;
}

}  // namespace

TEST_SUITE("recentfile::update_large") {
  TEST_CASE("whatever is registered, the file is the one that holding the level would have made") {
    std::mt19937 random(4711);
    const auto pick = [&](int n) { return std::uniform_int_distribution(0, n - 1)(random); };
    for (int round = 0; round < 300; ++round) {
      CAPTURE(round);
      std::vector<std::string> paths;
      for (int i = 0; i < 40; ++i)
        paths.push_back("path" + std::string(static_cast<std::size_t>(pick(5)), 'x') + std::to_string(i));
      LevelContent level = content({});
      for (int i = 0, epoch_s = 9000; i < pick(60); ++i, epoch_s -= 1 + pick(200))
        add_line(level.events, std::to_string(epoch_s) + (pick(2) == 0 ? " new " : " delete ") +
                                   paths[static_cast<std::size_t>(pick(40))]);
      if (level.events.rows.empty()) add_line(level.events, "9000 new only");
      if (pick(3) > 0) level = merged_to(std::move(level), std::to_string(3000 + pick(6000)));
      std::vector<UpdateItem> items;
      for (int i = pick(12); i > 0; --i)
        items.push_back(
            {paths[static_cast<std::size_t>(pick(40))], pick(2) == 0 ? EventType::new_ : EventType::delete_});
      Both both(level);
      const auto [held, streamed] = both.update(items, 8000 + pick(9000));
      REQUIRE(streamed);
      CHECK(same_result(held, *streamed));
      CHECK(both.same());
    }
  }

  TEST_CASE("what an event has beside stays with it") {
    LevelContent level = content({"100 new a"});
    level.events.set_details(level.events.rows[0], {{}, {{"size", "17"}}});
    Both both(level);
    const auto [held, streamed] = both.update({{"b", EventType::new_, nullptr, {{"size", "4"}}}}, 200);
    REQUIRE(streamed);
    CHECK(both.same());
    CHECK(both.other.read("RECENT-1h.yaml").find("size: 17") != std::string::npos);
  }

  TEST_CASE("dated items and events out of order are left to others, and nothing is written") {
    Both both(content({"300 new a", "200 new b"}));
    const std::string before = both.other.read("RECENT-1h.yaml");
    const Epoch past = recentd::test::epoch("250");
    const auto opened = open_level(both.streamed, Reader::writer);
    FakeClock clock(1000);
    CHECK_FALSE(update_large(both.streamed, *opened, opened->reader->meta(), {{"c", EventType::new_, &past}},
                             k_hour, quick(), clock));
    CHECK(both.other.read("RECENT-1h.yaml") == before);

    std::string swapped = before;
    swapped.replace(swapped.find("epoch: 300"), 10, "epoch: 100");
    swapped.replace(swapped.find("min: 200"), 8, "min: 100");
    both.other.write("RECENT-1h.yaml", swapped);
    const auto disordered = open_level(both.streamed, Reader::writer);
    CHECK_FALSE(update_large(both.streamed, *disordered, disordered->reader->meta(), {{"c", EventType::new_}},
                             k_hour, quick(), clock));
    CHECK(both.other.read("RECENT-1h.yaml") == swapped);
    CHECK(both.other.names().size() == 1);
  }

  TEST_CASE("a level that was cut is refused, and stays") {
    Both both(content({"300 new a", "200 new b", "100 new c"}));
    std::string cut = both.other.read("RECENT-1h.yaml");
    cut.resize(cut.rfind("  -"));
    both.other.write("RECENT-1h.yaml", cut);
    const auto opened = open_level(both.streamed, Reader::writer);
    FakeClock clock(1000);
    CHECK_THROWS_AS(update_large(both.streamed, *opened, opened->reader->meta(), {{"d", EventType::new_}},
                                 k_hour, quick(), clock),
                    Error);
    CHECK(both.other.read("RECENT-1h.yaml") == cut);
  }
}
