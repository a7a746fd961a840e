#include "mirror/follow/kinship.hpp"

#include <doctest/doctest.h>

using namespace recentd;
using namespace recentd::mirror;

namespace {

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

TEST_SUITE("mirror::kinship") {
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
