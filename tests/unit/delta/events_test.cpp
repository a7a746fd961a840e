#include "delta/events.hpp"

#include <doctest/doctest.h>

using namespace recentd;
using namespace recentd::delta;

namespace {

const std::string k_yaml =
    "--- \nmeta: \n  minmax: \n    max: '30'\nrecent: \n  - \n    epoch: '30'\n    path: a\n  - \n    epoch: "
    "'20.5'\n"
    "    path: epoch\n  - \n    path: none\n  - \n    epoch: '10'\n    path: b\n";

std::string from(EventCursor& cursor, const char* epoch) {
  const auto text = cursor.from(EpochView::parse(epoch).value());
  return std::string(text.substr(0, text.find('\n')));
}

}  // namespace

TEST_SUITE("delta::events") {
  TEST_CASE("an event's epoch, as each format spells it") {
    for (const char* event : {"    epoch: '12.5'\n    path: a\n", "\"epoch\":\"12.5\",\"path\":\"a\"",
                              "'epoch' => '12.5',", "epoch: 12.5"})
      CHECK(epoch_in(event).value() == EpochView::parse("12.5").value());
    for (const char* event : {"", "epoch", "epoch: ", "epoch: ~", "    path: a\n"})
      CHECK_FALSE(epoch_in(event));
  }

  TEST_CASE("events are found by their epochs, from the newest on and never back") {
    EventCursor cursor({k_yaml, "\n  - \n"});
    CHECK(from(cursor, "40") == "");
    CHECK(from(cursor, "30.0") == "    epoch: '30'");
    CHECK(from(cursor, "30") == "    epoch: '30'");
    CHECK(from(cursor, "25") == "");
    CHECK(from(cursor, "20.5") == "    epoch: '20.5'");
    CHECK(from(cursor, "30") == "");
    CHECK(from(cursor, "10") == "    epoch: '10'");
    CHECK(from(cursor, "5") == "");
    CHECK(from(cursor, "10") == "");
  }

  TEST_CASE("a text without events, or of which nothing is known, has none") {
    EventCursor empty({});
    CHECK(from(empty, "1") == "");
    EventCursor unknown({k_yaml, ""});
    CHECK(from(unknown, "30") == "");
    EventCursor other({"<html>epoch: 30</html>", "\n  - \n"});
    CHECK(from(other, "30") == "");
  }
}
