#include <doctest/doctest.h>

#include <recentd/error.hpp>
#include <recentd/reading.hpp>

#include "unit/recentfile/scratch.hpp"

using namespace recentd;
using namespace recentd::test;

TEST_SUITE("tree::overview") {
  TEST_CASE("the table looks as the reference's, rounding of doubles included") {
    const Scratch scratch;
    LevelContent hour = content({"1700089999.986 new a", "1700088000 new b", "1700087000.125 new c"});
    hour.meta.aggregator = Lines{"6h", "1d", "Z"};
    put(level_file(scratch.root, "1h"), hour);
    put(level_file(scratch.root, "6h"),
        content({"1700088000.5 new a", "1700080000 new b", "1700070000.01 new c"}));
    put(level_file(scratch.root, "1d"), content({"1700080000 new a", "1690000000 new b"}));
    put(level_file(scratch.root, "Z"), content({"1690000000 new a", "1600000000.26 new b"}));
    CHECK(overview(scratch.root) ==
          "Ival Cnt           Max           Min        Span     Util   Cloud\n"
          "  1h   3 1700089999.99 1700087000.12     2999.86    83.3% ^ ^    \n"
          "  6h   3 1700088000.50 1700070000.01    18000.49    83.3%  ^  ^  \n"
          "  1d   2 1700080000.00 1690000000.00 10080000.00 11666.7%    ^ ^ \n"
          "   Z   2 1690000000.00 1600000000.26 89999999.74        -      ^^\n");
  }

  TEST_CASE("verbose adds dirtymark, time of writing and merged epoch") {
    const Scratch scratch;
    LevelContent hour = content({"90.5 new a", "40.5 new b"}, "99.5");
    hour.meta.aggregator = Lines{"Z"};
    hour.meta.merged = Merged{epoch("50.5"), "Z", "51"};
    put(level_file(scratch.root, "1h"), hour, 200.25);
    put(level_file(scratch.root, "Z"), content({"5.5 new a"}, ""), 300);
    CHECK(overview(scratch.root, OverviewColumns::verbose) ==
          "Ival Cnt Dirtymark Produced Merged   Max   Min  Span   Util Cloud\n"
          "  1h   2     99.50   200.25  50.50 90.50 40.50 50.00   1.4%   ^^ \n"
          "   Z   1         -   300.00      -  5.50  5.50  0.00      -     ^\n");
  }

  TEST_CASE("counts tells new and delete events apart, also of a file that is out of order") {
    const Scratch scratch;
    LevelContent hour = content({"90.5 new a", "40.5 delete b", "30 strange c"});
    hour.meta.aggregator = Lines{"Z"};
    put(level_file(scratch.root, "1h"), hour);
    scratch.write("RECENT-Z.yaml",
                  "meta: {protocol: 1}\nrecent:\n  - {epoch: 5, path: a, type: delete}\n"
                  "  - {epoch: 7.25, path: b, type: new}\n  - {epoch: 6, path: c, type: new}\n");
    const auto levels = level_overviews(scratch.root);
    REQUIRE(levels.size() == 2);
    CHECK(levels[0].events == 3);
    CHECK(levels[0].added == 1);
    CHECK(levels[0].deleted == 1);
    CHECK(levels[1].newest.text() == "7.25");
    CHECK(levels[1].oldest.text() == "5");
    CHECK(overview_table(levels, OverviewColumns::counts) ==
          "Ival Cnt New Delete Dirtymark Produced Merged   Max   Min  Span   Util Cloud\n"
          "  1h   3   1      1      1.00  1000.00   0.00 90.50 30.00 60.50   1.7%  ^^  \n"
          "   Z   3   2      1         -     0.00      -  7.25  5.00  2.25      -    ^^\n");
  }

  TEST_CASE("a regular file in the link's place counts as the principal, and a broken level is an error") {
    const Scratch scratch;
    LevelContent hour = content({"90.5 new a"});
    put(level_file(scratch.root, "1h"), hour);
    hour.events = content({"95 new b", "90.5 new a"}).events;
    const Scratch other;
    put(level_file(other.root, "1h"), hour);
    scratch.write("RECENT.recent", other.read("RECENT-1h.yaml"));
    CHECK(level_overviews(scratch.root).at(0).events == 2);
    hour.meta.aggregator = Lines{"Z"};
    put(level_file(scratch.root, "1h"), hour);
    scratch.write("RECENT-Z.yaml", "meta: [");
    CHECK_THROWS_AS(level_overviews(scratch.root), Error);
    CHECK(overview_table({}) == "Ival Cnt Max Min Span Util Cloud\n");
  }
}
