#include "upstream/kinship.hpp"

#include <doctest/doctest.h>

using namespace recentd;
using namespace recentd::upstream;

namespace {

// "EPOCH PATH" each.
using Events = std::vector<std::pair<const char*, const char*>>;

Overlap overlap_of(const Events& ours, const Events& theirs) {
  EventList list;
  for (const auto* events : {&ours, &theirs})
    for (const auto& [epoch, path] : *events)
      list.rows.push_back(list.make_row(*EpochView::parse(epoch), path, EventType::new_));
  OverlapCount count;
  for (std::size_t i = 0; i < list.rows.size(); ++i)
    i < ours.size() ? count.add_ours(list.rows[i]) : count.add_theirs(list.rows[i]);
  return count.overlap();
}

LevelContent level(const std::vector<std::pair<std::string, std::string>>& events,
                   std::optional<std::string> dirtymark = {}) {
  LevelContent content;
  content.meta.dirtymark = std::move(dirtymark);
  for (const auto& [epoch, path] : events)
    content.events.append({.epoch = Epoch::parse(epoch).value(), .path = path, .type = EventType::new_});
  return content;
}

std::string reason(const LevelContent& here, const LevelContent& source) {
  return why_no_mirror(here, source).value_or("");
}

}  // namespace

TEST_SUITE("upstream::kinship") {
  TEST_CASE("what is known of a principal decides whether anything has to be compared") {
    struct Row {
      const char* what;
      Encounter encounter;
      Opinion opinion;
    };
    for (const auto& row : {
             Row{"the first one ever", {}, Opinion::follow},
             Row{"the first one ever is a part", {.is_part = true}, Opinion::follow},
             Row{"the same history", {.mirrored = true, .same_dirtymark = true}, Opinion::follow},
             Row{"the same history, told by a newer program", {true, true, false, true}, Opinion::follow},
             Row{"history was rewritten", {.mirrored = true}, Opinion::compare},
             Row{"a part was mirrored, and changes its mind", {true, false, true, true}, Opinion::compare},
             Row{"a part became the whole", {true, false, true, false}, Opinion::compare},
             Row{"the whole became a part", {true, false, false, true}, Opinion::part},
         }) {
      CAPTURE(row.what);
      CHECK(opinion_of(row.encounter) == row.opinion);
    }
  }

  TEST_CASE("what two indexes have in common tells whether they are of one tree") {
    struct Row {
      const char* what;
      Overlap overlap;
      bool same;
    };
    for (const auto& row : {
             Row{"converted levels, a restored backup, dirty updates: events stay",
                 {1000, 900, 900, 1},
                 true},
             Row{"one file of all stayed as it was", {1000, 1000, 1, 1}, true},
             Row{"made anew, all epochs are new", {1000, 1000, 1000, 0}, true},
             Row{"made anew, and grown", {1000, 5000, 990, 0}, true},
             Row{"made anew after most was removed", {1000, 30, 30, 0}, true},
             Row{"made anew, of one file", {1, 1, 1, 0}, true},
             Row{"made anew, and half was renamed", {1000, 1000, 500, 0}, false},
             Row{"another tree", {1000, 1000, 0, 0}, false},
             Row{"another tree with a README, too", {1000, 1000, 1, 0}, false},
             Row{"another tree, which is small and has a README", {1000, 2, 2, 0}, false},
             Row{"two small trees with a README", {2, 2, 1, 0}, false},
             Row{"nothing was mirrored", {0, 1000, 0, 0}, true},
             Row{"the source tells nothing", {1000, 0, 0, 0}, true},
         }) {
      CAPTURE(row.what);
      CHECK(same_tree(row.overlap) == row.same);
    }
  }

  TEST_CASE("paths count once, events with their epochs") {
    CHECK(overlap_of({{"5", "a"}, {"4", "b"}, {"3", "a"}}, {{"9", "a"}, {"8", "c"}, {"7", "a"}}) ==
          Overlap{2, 2, 1, 0});
    CHECK(overlap_of({{"5.5", "a"}, {"4", "b"}}, {{"5.50", "a"}, {"4", "c"}}) == Overlap{2, 2, 1, 1});
    CHECK(overlap_of({}, {{"9", "a"}}) == Overlap{0, 1, 0, 0});
    CHECK(overlap_of({{"9", "a"}}, {}) == Overlap{1, 0, 0, 0});
  }

  TEST_CASE("an index that is as new as the source's or older, under its dirtymark, is a mirror's") {
    const auto source = level({{"17", "c"}, {"16", "b"}}, "10.5");
    CHECK(reason(level({{"17", "c"}, {"16", "b"}}, "10.50"), source) == "");
    CHECK(reason(level({{"9", "x"}}, "10.5"), source) == "");
    CHECK(reason(level({}, "10.5"), source) == "");
  }

  TEST_CASE("one that is newer than the source's is an origin's, whatever else they share") {
    CHECK(reason(level({{"17.01", "new"}, {"16", "b"}}, "10"), level({{"17", "c"}, {"16", "b"}}, "10")) ==
          "its newest event, 17.01, is newer than the source's, 17");
    CHECK(reason(level({{"1", "a"}}, "10"), level({}, "10")) ==
          "it tells of events, and the source's tells of none");
  }

  TEST_CASE("under another dirtymark an event in common tells of one history") {
    const auto source = level({{"17", "c"}, {"16", "b"}}, "15");
    CHECK(reason(level({{"16", "b"}, {"3", "z"}}, "10"), source) == "");
    CHECK(reason(level({{"16", "b"}}), source) == "");
    CHECK(reason(level({{"16", "other"}}, "10"), source).find("neither an event nor the dirtymark") !=
          std::string::npos);
    CHECK(reason(level({{"15", "b"}}, "10"), source) != "");
    CHECK(reason(level({}), level({})) != "");
    CHECK(reason(level({}, "1"), level({}, "2")) != "");
  }

  TEST_CASE(
      "one that was begun anew later than the source's follows nobody, though their files are the same") {
    CHECK(reason(level({{"16", "b"}}, "20"), level({{"17", "c"}, {"16", "b"}}, "15")) ==
          "it was begun anew later than the source's (dirtymark 20 after 15)");
    CHECK(reason(level({{"16", "b"}}, "odd"), level({{"17", "c"}, {"16", "b"}}, "15")) == "");
  }
}
