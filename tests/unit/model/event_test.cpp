#include <doctest/doctest.h>

#include <recentd/event.hpp>

using recentd::EventType;

TEST_SUITE("model::event") {
  TEST_CASE("only the exact words are types") {
    CHECK(recentd::parse_event_type("new") == EventType::new_);
    CHECK(recentd::parse_event_type("delete") == EventType::delete_);
    for (const char* text : {"", "renew", "undelete", "New", "new ", "other"}) {
      CHECK(recentd::parse_event_type(text) == EventType::other);
    }
  }

  TEST_CASE("types have their word") {
    CHECK(recentd::to_string(EventType::new_) == "new");
    CHECK(recentd::to_string(EventType::delete_) == "delete");
    CHECK(recentd::to_string(EventType::other) == "other");
  }
}
