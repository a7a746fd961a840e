#include "upstream/chain_rules.hpp"

#include <doctest/doctest.h>

using namespace recentd;
using namespace recentd::upstream;

namespace {

std::optional<Epoch> epoch(const char* text) {
  return text ? Epoch::parse(text) : std::nullopt;
}

// A level whose copy spans these epochs and was merged upward as far as `merged`.
LevelStatus level(const char* interval, const char* newest, const char* oldest, const char* merged = nullptr,
                  const char* dirtymark = "1") {
  LevelStatus status{*Interval::parse(interval),
                     std::string("RECENT-") + interval + ".yaml",
                     LevelFacts{},
                     {},
                     false,
                     false,
                     false,
                     0,
                     0,
                     {}};
  status.facts->newest = epoch(newest);
  status.facts->oldest = epoch(oldest);
  status.facts->merged_epoch = epoch(merged);
  status.facts->dirtymark = dirtymark;
  return status;
}

LevelStatus without_copy(const char* interval) {
  auto status = level(interval, nullptr, nullptr);
  status.facts.reset();
  return status;
}

void publish(LevelStatus& status) {
  status.visible = status.published = true;
  status.published_newest = status.facts->newest;
}

}  // namespace

TEST_SUITE("upstream::chain_rules") {
  TEST_CASE("a level is fetched while it is behind what the smaller one was merged to") {
    std::vector<LevelStatus> levels = {level("1h", "100", "50", "60"), level("6h", "59", "10")};
    CHECK(need_of(levels, 1) == Need::behind);
    levels[1].facts->newest = epoch("60");
    CHECK(need_of(levels, 1) == Need::none);
  }

  TEST_CASE("a level that ends before the smaller one begins is fetched") {
    std::vector<LevelStatus> levels = {level("1h", "100", "70", "60"), level("6h", "65", "10")};
    CHECK(need_of(levels, 1) == Need::gap);
  }

  TEST_CASE("a level that knows more than the smaller ones is fetched: they may have lost a false future") {
    std::vector<LevelStatus> levels = {level("1h", "100", "50", "60"), level("6h", "900", "10")};
    CHECK(need_of(levels, 1) == Need::ahead);
    levels[1].facts->newest = epoch("100");
    CHECK(need_of(levels, 1) == Need::none);
  }

  TEST_CASE("a level without a copy is fetched unless the upstream never merged into it") {
    std::vector<LevelStatus> levels = {level("1h", "100", "50"), without_copy("6h")};
    CHECK(need_of(levels, 1) == Need::first_copy);
    levels[1].absent = true;
    CHECK(need_of(levels, 1) == Need::none);
    levels[0].facts->merged_epoch = epoch("60");
    CHECK(need_of(levels, 1) == Need::first_copy);
  }

  TEST_CASE("the nearest smaller level with a copy decides, not the one in between") {
    std::vector<LevelStatus> levels = {level("1h", "100", "50", "60"), without_copy("6h"),
                                       level("Z", "55", "1")};
    CHECK(wanted_epoch(levels, 2) == epoch("60"));
    CHECK(need_of(levels, 2) == Need::behind);
    CHECK_FALSE(wanted_epoch(levels, 0));
  }

  TEST_CASE("another dirtymark than the principal's makes a level stale, no dirtymark does not") {
    std::vector<LevelStatus> levels = {level("1h", "100", "50", "60", "2"),
                                       level("6h", "60", "10", nullptr, "1")};
    CHECK(need_of(levels, 1) == Need::stale_dirtymark);
    levels[1].facts->dirtymark.reset();
    CHECK(need_of(levels, 1) == Need::none);
  }

  TEST_CASE("a principal with older events was begun anew if its dirtymark is newer than all that is known") {
    const auto begun = [](const char* mark, std::optional<const char*> newest, History known = {}) {
      LevelFacts facts;
      facts.dirtymark = mark;
      if (newest) facts.newest = epoch(*newest);
      if (!known.seen) known.seen = epoch("100");
      if (!known.dirtymark) known.dirtymark = "50";
      return is_begun_anew(facts, known, *epoch("200"));
    };
    CHECK(begun("110.5", "20"));
    CHECK(begun("200", "20"));
    CHECK_FALSE(begun("200.1", "20"));  // of the future
    CHECK_FALSE(begun("100", "20"));    // perhaps an old backup's
    CHECK_FALSE(begun("50", "20"));     // the same history
    CHECK_FALSE(begun("110", {}));      // no event at all
    CHECK_FALSE(begun("no number", "20"));
    CHECK_FALSE(begun("110", "20", {epoch("100"), "120"}));
    CHECK_FALSE(begun("110", "20", {epoch("120"), "50"}));
  }

  TEST_CASE("a stale level is trusted after an hour, unless it is older than what was seen") {
    const std::vector<LevelStatus> levels = {level("1h", "100", "50", "60", "5"),
                                             level("6h", "60", "10", nullptr, "3")};
    state::LevelProgress progress;
    progress.dirtymark = "2";
    CHECK_FALSE(trusted(levels, 1, progress, 1000));
    CHECK_FALSE(trusted(levels, 1, progress, 1000 + 1800));
    CHECK_FALSE(trusted(levels, 1, progress, 1000 + 3599));
    CHECK(trusted(levels, 1, progress, 1000 + 3600));
    progress.dirtymark = "4";
    CHECK_FALSE(trusted(levels, 1, progress, 1000 + 3600));
  }

  TEST_CASE("a clock that jumped back does not make a stale level wait for it") {
    const std::vector<LevelStatus> levels = {level("1h", "100", "50", "60", "5"),
                                             level("6h", "60", "10", nullptr, "3")};
    state::LevelProgress progress;
    CHECK_FALSE(trusted(levels, 1, progress, 1'000'000));
    for (std::int64_t waited = 0; waited < 3600; waited += 600)
      CHECK_FALSE(trusted(levels, 1, progress, 500 + waited));
    CHECK(trusted(levels, 1, progress, 500 + 3600));
  }

  TEST_CASE("a clock that jumped forward does not make a stale level trusted at once") {
    const std::vector<LevelStatus> levels = {level("1h", "100", "50", "60", "5"),
                                             level("6h", "60", "10", nullptr, "3")};
    state::LevelProgress progress;
    CHECK_FALSE(trusted(levels, 1, progress, 1000));
    CHECK_FALSE(trusted(levels, 1, progress, 1000 + 315'360'000));
    CHECK_FALSE(trusted(levels, 1, progress, 1000 + 315'360'000 + 1700));
    CHECK(trusted(levels, 1, progress, 1000 + 315'360'000 + 1800));
  }

  TEST_CASE("looks that are far apart, as of a cron job, count half an hour each") {
    const std::vector<LevelStatus> levels = {level("1h", "100", "50", "60", "5"),
                                             level("6h", "60", "10", nullptr, "3")};
    state::LevelProgress progress;
    CHECK_FALSE(trusted(levels, 1, progress, 100'000));
    CHECK_FALSE(trusted(levels, 1, progress, 200'000));
    CHECK(trusted(levels, 1, progress, 300'000));
  }

  TEST_CASE("a smaller level is shown only if the larger one that is visible takes up where it ends") {
    std::vector<LevelStatus> levels = {level("1h", "100", "70", "75"), level("6h", "60", "10")};
    CHECK(joins_visible(levels, 0));  // nothing larger is visible: nobody can see a gap
    levels[1].visible = true;
    levels[1].published_newest = epoch("60");
    CHECK_FALSE(joins_visible(levels, 0));
    levels[1].published_newest = epoch("70");
    CHECK(joins_visible(levels, 0));
  }

  TEST_CASE("a gap that the upstream itself has is shown, once the upstream said that there is no better") {
    std::vector<LevelStatus> levels = {level("1h", "100", "70", "75"), level("6h", "60", "10")};
    publish(levels[1]);
    CHECK_FALSE(joins_visible(levels, 0));
    note_answer(levels, 1);
    CHECK(joins_visible(levels, 0));
    levels[0].facts->merged_epoch = epoch("80");  // a new need, not answered yet
    CHECK_FALSE(joins_visible(levels, 0));
    levels[0].facts->merged_epoch = epoch("75");
    levels[0].facts->oldest = epoch("72");  // events have dropped out since the answer
    CHECK_FALSE(joins_visible(levels, 0));
    levels[1].facts->newest = levels[1].published_newest = epoch("73");
    CHECK(joins_visible(levels, 0));
  }

  TEST_CASE("an empty level joins whatever there is, and is complete") {
    std::vector<LevelStatus> levels = {level("1h", nullptr, nullptr), level("6h", "60", "10")};
    publish(levels[1]);
    CHECK(joins_visible(levels, 0));
    CHECK(complete(levels[0], {}));
  }

  TEST_CASE("a level is complete when one range under its own dirtymark covers it") {
    const auto status = level("1h", "100", "70");
    state::LevelProgress progress;
    progress.dirtymark = "1";
    progress.done.add(epoch("100")->view(), epoch("80")->view());
    CHECK_FALSE(complete(status, progress));
    progress.done.add(epoch("85")->view(), epoch("70")->view());
    CHECK(complete(status, progress));
    progress.dirtymark = "2";
    CHECK_FALSE(complete(status, progress));
  }

  TEST_CASE("smaller levels vouch for events up to the newest that they know") {
    const std::vector<LevelStatus> levels = {level("1h", "100", "70", "120"), level("6h", "130", "10")};
    CHECK_FALSE(vouched_for(levels, 0));
    CHECK(vouched_for(levels, 1) == epoch("120"));
  }
}
