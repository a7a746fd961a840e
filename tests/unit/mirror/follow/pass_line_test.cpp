#include "mirror/follow/pass_line.hpp"

#include <doctest/doctest.h>

using namespace recentd;
using namespace recentd::mirror;
using namespace std::chrono_literals;

TEST_SUITE("mirror::follow_pass_line") {
  TEST_CASE("a pass is told in one line") {
    MirrorReport report;
    report.up_to_date = true;
    report.transferred = 14;
    report.deleted = 2;
    report.bytes = 3'100'000;
    const auto newest = *Epoch::parse("1000.5");
    const TimePoint now{1002s};
    CHECK(pass_line({"/srv/mirror/pub", report, 800ms, &newest, now}) ==
          "pub: 14 new, 2 deleted, 3.1 MB in 0.8 s, up to date, 2 s behind");
    CHECK(pass_line({"pub", report, 75s, nullptr, now}) ==
          "pub: 14 new, 2 deleted, 3.1 MB in 1 min 15 s, up to date");
    const auto future = *Epoch::parse("1005");
    CHECK(pass_line({"pub", report, 800ms, &future, now}) ==
          "pub: 14 new, 2 deleted, 3.1 MB in 0.8 s, up to date");
    CHECK(pass_line({"p\nub", {.up_to_date = true}, 1s, &newest, now}) ==
          "p\\x0Aub: nothing new, up to date");
  }

  TEST_CASE("what is left is told instead of being up to date") {
    MirrorReport report;
    CHECK(pass_line({"pub", report}) == "pub: nothing new, not up to date yet");
    report.missing = {"a", "b"};
    report.unchanged = 1000;
    CHECK(pass_line({"pub", report, 20ms}) == "pub: 1,000 unchanged, in 0.0 s, 2 paths left to do");
    report.held_deletes = 1;
    CHECK(pass_line({"pub", report, 20ms}) == "pub: 1,000 unchanged, in 0.0 s, 1 delete held back");
    report.other_tree = true;
    CHECK(pass_line({"pub", report, 20ms}).ends_with("the upstream shows another tree"));
    report.rolled_back = true;
    CHECK(pass_line({"pub", report, 20ms}).ends_with("the upstream fell behind"));
  }

  TEST_CASE("what was told and is no other is not told again") {
    PassTold told;
    MirrorReport idle;
    idle.up_to_date = true;
    CHECK(told.is_news(idle));
    CHECK_FALSE(told.is_news(idle));
    auto busy = idle;
    busy.transferred = 1;
    CHECK(told.is_news(busy));
    CHECK(told.is_news(busy));
    CHECK_FALSE(told.is_news(idle));
    auto open = idle;
    open.up_to_date = false;
    open.missing = {"a"};
    CHECK(told.is_news(open));
    CHECK_FALSE(told.is_news(open));
    CHECK(told.is_news(idle));
  }
}
