#include "recentfile/merge_streamed.hpp"

#include <algorithm>
#include <random>

#include <doctest/doctest.h>

#include <recentd/error.hpp>

#include "recentfile/merge.hpp"
#include "support/tools/oversized.hpp"
#include "unit/recentfile/scratch.hpp"

using namespace recentd;
using namespace recentd::test;

namespace {

const auto k_as_it_is = [](Meta&) {};

// Two levels in two places, one for each way of merging them.
struct Both {
  explicit Both(const std::string& into) : target(*Interval::parse(into)) {}

  void put_source(const LevelContent& level) const { put_both("1h", level); }
  void put_target(const LevelContent& level) const { put_both(target.spec(), level); }
  void put_both(const std::string& interval, const LevelContent& level) const {
    put(level_file(one.root, interval), level);
    put(level_file(other.root, interval), level);
  }
  // Both ways, and their results.
  std::pair<MergeResult, std::optional<MergeResult>> merge(const MergeOptions& options = {}) {
    const auto one_source = level_file(one.root, "1h"), one_target = level_file(one.root, target.spec());
    const auto source_file = level_file(other.root, "1h"),
               target_file = level_file(other.root, target.spec());
    LevelContent level = get(one_source);
    const auto held = merge_level(level, one_source, source, one_target, target, options, quick(), clock);
    const auto opened = open_level(source_file, Reader::writer);
    return {held, merge_streamed({source_file, source, target_file, target}, *opened, k_as_it_is, options,
                                 quick(), clock)};
  }
  [[nodiscard]] bool same() const {
    if (one.names() != other.names()) return false;
    return std::ranges::all_of(one.names(),
                               [&](const auto& name) { return one.read(name) == other.read(name); });
  }

  Scratch one, other;
  Interval source = *Interval::parse("1h"), target;
  FakeClock clock{1000000};
};

bool same_result(const MergeResult& a, const MergeResult& b) {
  return a.changed == b.changed && a.carried == b.carried && a.dropped == b.dropped;
}

// Makes levels of few paths, so that much of them meets.
class Dice {
 public:
  explicit Dice(unsigned seed) : random_(seed) {}
  int pick(int n) { return std::uniform_int_distribution(0, n - 1)(random_); }
  bool once_in(int n) { return pick(n) == 0; }

  // Steps of 0 make equal epochs.
  LevelContent level(int events, int newest_s, int step_min) {
    LevelContent out = content({}, once_in(8) ? "2" : "1");
    for (int i = 0, epoch_s = newest_s; i < events; ++i, epoch_s -= step_min + pick(300))
      append(out, std::to_string(epoch_s) + (once_in(4) ? ".5" : ""));
    if (step_min == 0) sort_newest_first(out.events.rows);
    return out;
  }

 private:
  void append(LevelContent& level, const std::string& epoch_text) {
    Event event{epoch(epoch_text),
                "p" + std::to_string(pick(30)),
                once_in(3) ? EventType::delete_ : EventType::new_,
                {},
                {}};
    if (once_in(6)) event.extras.emplace_back("size", std::to_string(pick(1000)));
    if (!level.events.rows.empty() && !(event.epoch < level.events.rows.back().epoch())) return;
    level.events.append(event);
  }
  std::mt19937 random_;
};

// A level with so many events of long paths; every third one is deleted.
void put_large(const LevelFile& file, int events, int newest_s) {
  LevelContent level = content({});
  const std::string directory = "pool/" + std::string(600, 'x') + "/";
  for (int i = 0; i < events; ++i)
    add_line(level.events, std::to_string(newest_s - i) + (i % 3 == 0 ? " delete " : " new ") + directory +
                               std::to_string(i));
  put(file, level);
}

std::string merge_large_pair(const std::string& root) {
  const auto from = *Interval::parse("1h"), into = *Interval::parse("6h");
  const auto source = level_file(root, "1h"), target = level_file(root, "6h");
  FakeClock clock(1000000);
  const auto result = merge_files({source, from, target, into}, k_as_it_is, {}, quick(), clock);
  return std::to_string(result->carried) + " " + std::to_string(result->dropped);
}

}  // namespace

TEST_SUITE("recentfile::merge_streamed") {
  TEST_CASE("whatever is merged, the files are those that holding the source would have made") {
    Dice dice(4711);
    int crossed = 0, cut = 0;
    for (int round = 0; round < 600; ++round) {
      CAPTURE(round);
      Both both(dice.once_in(3) ? "Z" : "6h");
      both.put_source(dice.level(1 + dice.pick(25), 60000 + dice.pick(4000), 1));
      if (!dice.once_in(6)) {
        LevelContent target = dice.level(dice.pick(40), 58000 + dice.pick(5000), 1);
        if (dice.once_in(2)) {
          const auto merged = std::to_string(30000 + dice.pick(33000));
          target.meta.merged = Merged{recentd::test::epoch(merged), "1d", "1"};
        }
        both.put_target(target);
      }
      MergeOptions options;
      options.keep_deletes = dice.once_in(3);
      options.decide_only = dice.once_in(10);
      const auto [held, streamed] = both.merge(options);
      REQUIRE(streamed);
      CHECK(same_result(held, *streamed));
      CHECK(both.same());
      cut += held.dropped > 0 ? 1 : 0;
      crossed += both.one.read("RECENT-6h.yaml").find("merged: {}") != std::string::npos ? 1 : 0;
      const auto [again, again_streamed] = both.merge(options);
      CHECK(same_result(again, *again_streamed));
      CHECK(both.same());
    }
    CHECK(cut > 100);
    MESSAGE("rounds that dropped something: ", cut, ", made the target forget: ", crossed);
  }

  TEST_CASE("equal epochs and paths that the target repeats come out alike") {
    Both both("6h");
    both.put_source(content({"50 new a", "40 delete b", "30 new c"}));
    both.put_target(content({}));
    const std::string head = both.one.read("RECENT-6h.yaml");
    const LevelContent target =
        content({"45 new d", "44 new e", "43 new d", "42 delete b", "41 new e", "35 new b", "20 new d"});
    both.put_target(target);
    for (const Scratch* place : {&both.one, &both.other}) {
      std::string bytes = place->read("RECENT-6h.yaml");
      for (const auto& [from, to] : {std::pair("epoch: 45", "epoch: 50"),
                                     {"epoch: 44", "epoch: 50"},
                                     {"epoch: 42", "epoch: 40"},
                                     {"epoch: 41", "epoch: 40"}})
        bytes.replace(bytes.find(from), 9, to);
      place->write("RECENT-6h.yaml", bytes);
    }
    const auto [held, streamed] = both.merge();
    REQUIRE(streamed);
    CHECK(held.dropped == 5);
    CHECK(same_result(held, *streamed));
    CHECK(both.same());
    CHECK(lines(get(level_file(both.other.root, "6h")).events).size() == 5);
  }

  TEST_CASE("paths that the source repeats count once, and stay in it as they are") {
    Both both("Z");
    const LevelContent source = content({"50 new a", "45 delete b", "40 delete a", "35 new b"});
    both.put_source(source);
    both.put_target(content({"30 delete b", "25 delete b", "20 new c", "10 new b"}));
    const auto [held, streamed] = both.merge();
    REQUIRE(streamed);
    CHECK(same_result(held, *streamed));
    CHECK(both.same());
    CHECK(lines(get(level_file(both.other.root, "Z")).events) ==
          Lines{"50 new a", "30 delete b", "20 new c"});
    CHECK(lines(get(level_file(both.other.root, "1h")).events) == lines(source.events));
  }

  TEST_CASE("Z that would become empty keeps the newest delete") {
    Both both("Z");
    both.put_source(content({"20 delete b", "10 delete a"}));
    both.put_target(content({"7 new b", "5 new a"}));
    const auto [held, streamed] = both.merge();
    REQUIRE(streamed);
    CHECK(same_result(held, *streamed));
    CHECK(both.same());
    CHECK(lines(get(level_file(both.other.root, "Z")).events) == Lines{"20 delete b"});
  }

  TEST_CASE("a target out of order is sorted, a source out of order is left to others") {
    Both both("6h");
    both.put_source(content({"60 new a", "50 new b"}));
    both.put_target(content({"30 new c", "20 new b", "10 new d"}));
    const auto swap = [&](const std::string& name, const std::string& from, const std::string& to) {
      for (const Scratch* place : {&both.one, &both.other}) {
        std::string bytes = place->read(name);
        bytes.replace(bytes.find(from), from.size(), to);
        place->write(name, bytes);
      }
    };
    swap("RECENT-6h.yaml", "epoch: 20", "epoch: 40");
    const auto [held, streamed] = both.merge();
    REQUIRE(streamed);
    CHECK(same_result(held, *streamed));
    CHECK(both.same());

    swap("RECENT-1h.yaml", "epoch: 50", "epoch: 70");
    const std::string before = both.other.read("RECENT-1h.yaml") + both.other.read("RECENT-6h.yaml");
    const auto source = level_file(both.other.root, "1h"), target = level_file(both.other.root, "6h");
    const auto opened = open_level(source, Reader::writer);
    CHECK_FALSE(merge_streamed({source, both.source, target, both.target}, *opened, k_as_it_is, {}, quick(),
                               both.clock));
    CHECK(both.other.read("RECENT-1h.yaml") + both.other.read("RECENT-6h.yaml") == before);
  }

  TEST_CASE("what the caller says of the meta part comes first, and may refuse") {
    Both both("6h");
    both.put_source(content({"60 new a"}));
    const auto source = level_file(both.other.root, "1h"), target = level_file(both.other.root, "6h");
    const MergePair pair{source, both.source, target, both.target};
    const auto refuse = [](Meta&) { throw Error(Kind::refused, "not this one"); };
    CHECK_THROWS_AS(merge_files(pair, refuse, {}, quick(), both.clock), Error);
    CHECK(both.other.names().size() == 1);
    const auto change = [](Meta& meta) { meta.dirtymark = "77"; };
    CHECK(merge_files(pair, change, {}, quick(), both.clock)->changed);
    CHECK(read_meta(target)->dirtymark == "77");
    const auto absent = level_file(both.other.root, "2h");
    CHECK_FALSE(merge_files({absent, both.source, target, both.target}, change, {}, quick(), both.clock));
  }

  TEST_CASE("a large source is merged in a small part of its size") {
    constexpr int k_events = 30'000;
    constexpr std::uint64_t k_mega = 1 << 20;
    const Scratch scratch;
    put_large(level_file(scratch.root, "1h"), k_events, 2'000'000);
    put_large(level_file(scratch.root, "6h"), k_events, 1'900'000);
    CHECK(scratch.read("RECENT-1h.yaml").size() > 18 * k_mega);
    const auto cost = cost_of(merge_large_pair, scratch.root);
    CHECK(cost.answer == "30000 30000");
    MESSAGE("two levels of 19 MB took ", cost.peak_bytes / k_mega, " MiB and ", cost.seconds, " s");
    CHECK(cost.peak_bytes / k_mega < 16);
  }
}
