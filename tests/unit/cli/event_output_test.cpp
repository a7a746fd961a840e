#include "cli/event_output.hpp"

#include <doctest/doctest.h>

using namespace recentd;
using namespace recentd::cli;

namespace {

Event event(const char* epoch, const char* path, EventType type = EventType::new_) {
  return {Epoch::parse(epoch).value(), path, type, {}, {}};
}

std::string time(const char* epoch) {
  return time_text(Epoch::parse(epoch)->view());
}

}  // namespace

TEST_SUITE("cli::event_output") {
  TEST_CASE("an epoch is shown as a time, cut to microseconds") {
    CHECK(time("1700000000.5") == "2023-11-14T22:13:20.500000Z");
    CHECK(time("0.9999999") == "1970-01-01T00:00:00.999999Z");
  }

  TEST_CASE("an epoch that no calendar has is shown as it is") {
    CHECK(time("253402300799").starts_with("9999-12-31T23:59:59"));
    for (const char* beyond : {"253402300800", "-1", "1e30"}) CHECK(time(beyond) == beyond);
  }

  TEST_CASE("a line has columns, and one line whatever the name is") {
    CHECK(event_line(event("0", "a")) == "1970-01-01T00:00:00.000000Z new    a");
    CHECK(event_line(event("0", "a\nb", EventType::delete_)) == "1970-01-01T00:00:00.000000Z delete a\\x0Ab");
    auto odd = event("0", "a", EventType::other);
    odd.other_type = "renamed to";
    CHECK(event_line(odd) == "1970-01-01T00:00:00.000000Z renamed to a");
  }

  TEST_CASE("as JSON it has its other keys, too") {
    auto recorded = event("1.50", "caf\xE9\"");
    recorded.extras = {{"size", "12"}};
    CHECK(
        event_json(recorded) ==
        R"({"epoch": "1.50", "time": "1970-01-01T00:00:01.500000Z", "type": "new", "path": "caf\\xE9\"", "size": "12"})");
  }
}
