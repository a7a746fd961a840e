#include <string>

#include <doctest/doctest.h>

#include <recentd/done.hpp>

using recentd::Done;
using recentd::EpochView;

namespace {

EpochView view(std::string_view text) {
  return EpochView::parse(text).value();
}

Done done(const std::vector<std::pair<const char*, const char*>>& ranges) {
  Done out;
  for (const auto& [high, low] : ranges) out.add(view(high), view(low));
  return out;
}

std::string text(const Done& done) {
  std::string out;
  for (const auto& range : done.ranges()) out += "[" + range.high.text() + "," + range.low.text() + "]";
  return out;
}

// Registers places of a list of events one by one, as a mirror does.
void register_places(Done& done, const std::vector<const char*>& list,
                     const std::vector<std::size_t>& places) {
  for (const std::size_t i : places) {
    const auto newer = i > 0 ? std::optional(view(list[i - 1])) : std::nullopt;
    const auto older = i + 1 < list.size() ? std::optional(view(list[i + 1])) : std::nullopt;
    done.add_run(newer, view(list[i]), view(list[i]), older);
  }
}

}  // namespace

TEST_SUITE("model::done") {
  TEST_CASE("what is newer than an epoch is forgotten") {
    auto some = done({{"50", "40"}, {"30", "20"}, {"10", "5"}});
    some.forget_above(view("60"));
    CHECK(text(some) == "[50,40][30,20][10,5]");
    some.forget_above(view("25"));
    CHECK(text(some) == "[25,20][10,5]");
    some.forget_above(view("15"));
    CHECK(text(some) == "[10,5]");
    some.forget_above(view("4"));
    CHECK(some.empty());
  }

  TEST_CASE("neighbours in the list become one range") {
    const std::vector<const char*> list = {"50", "45", "40", "35", "30", "25", "20"};
    Done done;
    register_places(done, list, {0, 2});
    CHECK(text(done) == "[50,50][40,40]");
    register_places(done, list, {1});
    CHECK(text(done) == "[50,40]");
    register_places(done, list, {6, 4});
    CHECK(text(done) == "[50,40][30,30][20,20]");
    register_places(done, list, {5});
    CHECK(text(done) == "[50,40][30,20]");
    register_places(done, list, {3});
    CHECK(text(done) == "[50,20]");
  }

  TEST_CASE("a new event joins through a neighbour inside a range") {
    Done d = done({{"50", "20"}});
    register_places(d, {"60", "45", "40"}, {0});
    CHECK(text(d) == "[60,20]");
  }

  TEST_CASE("a run joins on both sides") {
    Done d = done({{"50", "50"}, {"20", "20"}});
    d.add_run(view("50"), view("45"), view("25"), view("20"));
    CHECK(text(d) == "[50,20]");
    d.add_run(std::nullopt, view("70"), view("65"), view("60"));
    CHECK(text(d) == "[70,65][50,20]");
  }

  TEST_CASE("merging folds what overlaps or touches") {
    Done d = done({{"40", "35"}, {"30", "25"}});
    d.merge(done({{"37", "28"}}));
    CHECK(text(d) == "[40,25]");
    d = done({{"50", "45"}, {"40", "35"}, {"30", "25"}});
    d.merge(done({{"55", "20"}}));
    CHECK(text(d) == "[55,20]");
    d.merge(done({{"70", "60"}, {"20", "10"}, {"5", "1"}}));
    CHECK(text(d) == "[70,60][55,10][5,1]");
    d.merge(d);
    CHECK(text(d) == "[70,60][55,10][5,1]");
  }

  TEST_CASE("covered means within one single range") {
    const Done d = done({{"50", "40"}, {"30", "20"}});
    CHECK(d.covers(view("50")));
    CHECK(d.covers(view("40.0")));
    CHECK_FALSE(d.covers(view("39.99999")));
    CHECK(d.covers(view("42"), view("48")));
    CHECK(d.covers(view("48"), view("42")));
    CHECK_FALSE(d.covers(view("45"), view("25")));
    CHECK_FALSE(d.covers(view("51")));
    CHECK_FALSE(Done().covers(view("1")));
  }

  TEST_CASE("ends in any order, equal spellings and clearing") {
    Done d = done({{"1.5", "2.5"}});
    CHECK(text(d) == "[2.5,1.5]");
    d.add(view("2.50"), view("1.500"));
    CHECK(text(d) == "[2.5,1.5]");
    CHECK(d == done({{"2.5", "1.5"}}));
    d.clear();
    CHECK(d.empty());
  }
}
