#include "recentfile/merge_rows.hpp"

#include "unit/recentfile/scratch.hpp"

using namespace recentd;
using namespace recentd::test;

namespace {

EventList list_of(const Lines& events) {
  EventList list;
  for (const auto& line : events) add_line(list, line);
  return list;
}

// What comes out of weaving these, and how.
struct Weaving {
  Lines out;
  Woven woven;

  Weaving(const Lines& source, const Lines& target, Deletes deletes = Deletes::carried,
          const std::optional<Epoch>& bound = {}) {
    const auto from = list_of(source), into = list_of(target);
    const SourceRows rows(from, deletes);
    const auto stream = stream_of(into);
    woven = weave(rows, *stream, into.rows.size(), bound, [&](const EventRow& row, const EventDetails*) {
      out.push_back(std::string(row.epoch().text) + " " + std::string(to_string(row.type)) + " " +
                    std::string(row.path()));
    });
  }
};

}  // namespace

TEST_SUITE("recentfile::merge_rows") {
  TEST_CASE("of the source the newest event of each path goes up, without deletes if they are dropped") {
    const auto events = list_of({"9 delete a", "8 new b", "7 new a", "6 delete c"});
    const SourceRows all(events, Deletes::carried), kept(events, Deletes::dropped);
    CHECK(all.rows.size() == 3);
    CHECK(all.newest_carried()->text == "9");
    CHECK(all.oldest_carried()->text == "6");
    CHECK(kept.rows.size() == 3);  // they supersede all the same
    CHECK(kept.newest_carried()->text == "8");
    CHECK(kept.oldest_carried()->text == "8");
    const auto nothing = list_of({"9 delete a"});
    CHECK_FALSE(SourceRows(nothing, Deletes::dropped).newest_carried());
  }

  TEST_CASE("both lists become one, newest first, and the source wins its paths") {
    const Weaving weaving({"9 new a", "5 new b"}, {"8 new c", "7 new a", "6 new b", "4 new d"});
    CHECK(weaving.out == Lines{"9 new a", "8 new c", "5 new b", "4 new d"});
    CHECK(weaving.woven.rows == 4);
    CHECK(weaving.woven.dropped == 2);
    CHECK(weaving.woven.newest->text() == "9");
    CHECK(weaving.woven.oldest->text() == "4");
  }

  TEST_CASE("either list may be empty") {
    CHECK(Weaving({}, {"8 new c"}).out == Lines{"8 new c"});
    CHECK(Weaving({"9 new a"}, {}).out == Lines{"9 new a"});
    CHECK_FALSE(Weaving({}, {}).woven.newest);
  }

  TEST_CASE("a delete that is dropped takes its file away, but not a delete that was kept before") {
    CHECK(Weaving({"9 delete a"}, {"8 new a", "7 new b"}, Deletes::dropped).out == Lines{"7 new b"});
    CHECK(Weaving({"9 delete a"}, {"8 delete a", "7 new a"}, Deletes::dropped).out == Lines{"8 delete a"});
  }

  TEST_CASE("rows of the target that are older than the bound go, those at it stay") {
    const Weaving weaving({"9 new a"}, {"6 new b", "5.0 new c", "4 new d"}, Deletes::carried, epoch("5"));
    CHECK(weaving.out == Lines{"9 new a", "6 new b", "5.0 new c"});
  }

  TEST_CASE(
      "of equal epochs the target's keeps its own, and the source's moves up below the next newer one") {
    const Weaving weaving({"5 new a"}, {"5.1 new b", "5 new c"});
    REQUIRE(weaving.out.size() == 3);
    CHECK(weaving.out[0] == "5.1 new b");
    CHECK(weaving.out[1].ends_with(" new a"));
    CHECK(epoch(weaving.out[1].substr(0, weaving.out[1].find(' '))) > epoch("5"));
    CHECK(weaving.out[2] == "5 new c");
  }

  TEST_CASE("a target out of order has to be sorted first") {
    CHECK_THROWS_AS(Weaving({"9 new a"}, {"6 new b", "7 new c"}), Disordered);
  }
}
