#include "model/event_list.hpp"

#include <doctest/doctest.h>

#include <recentd/error.hpp>

using recentd::EpochView;
using recentd::EventList;
using recentd::EventType;

namespace {

EpochView view(std::string_view text) {
  return EpochView::parse(text).value();
}

std::string order(const EventList& list) {
  std::string out;
  for (const auto& row : list.rows) out += row.path();
  return out;
}

EventList list_of(const std::vector<std::pair<const char*, const char*>>& events) {
  EventList list;
  for (const auto& [epoch, path] : events)
    list.rows.push_back(list.make_row(view(epoch), path, EventType::new_));
  return list;
}

}  // namespace

TEST_SUITE("model::event_list") {
  TEST_CASE("a row keeps its own copies") {
    EventList list;
    {
      const std::string path(100'000, 'p'), epoch = "1700000000.5";
      list.rows.push_back(list.make_row(view(epoch), path, EventType::delete_));
      list.rows.push_back(list.make_row(view("1"), "", EventType::new_));
    }
    CHECK(list.rows[0].path() == std::string(100'000, 'p'));
    CHECK(list.rows[0].epoch() == view("1700000000.50"));
    CHECK(list.rows[0].epoch().text == "1700000000.5");
    CHECK(list.rows[1].path().empty());
  }

  TEST_CASE("rows outlive the list they came from once it is adopted") {
    EventList target;
    {
      EventList source = list_of({{"2", "a"}});
      source.set_details(source.rows[0], {"", {{"size", "7"}}});
      const auto owner = std::make_shared<std::string>("from a buffer");
      source.keep(owner);
      source.rows.push_back(source.rows[0]);
      source.rows[1].path_text = owner->data();
      source.rows[1].path_bytes = static_cast<std::uint32_t>(owner->size());
      source.rows[1].flags = 0;
      EventList between;
      between.adopt(source);
      target.adopt(between);
      target.rows = source.rows;
    }
    CHECK(target.rows[0].path() == "a");
    CHECK(target.rows[1].path() == "from a buffer");
    REQUIRE(target.details(target.rows[0]) != nullptr);
    CHECK(target.details(target.rows[0])->extras.front().second == "7");
    CHECK(target.details(target.rows[1]) == nullptr);
  }

  TEST_CASE("an event goes in and comes out whole") {
    EventList list;
    list.append({*recentd::Epoch::parse("3.50"), "x/y", EventType::other, "renew", {{"digest", "b2:00"}}});
    list.append({*recentd::Epoch::parse("2"), "z", EventType::delete_, "", {}});
    const recentd::Event event = list.event(list.rows[0]);
    CHECK(event.epoch.text() == "3.50");
    CHECK(event.path == "x/y");
    CHECK(event.type == EventType::other);
    CHECK(event.other_type == "renew");
    CHECK(event.extras == decltype(event.extras){{"digest", "b2:00"}});
    CHECK(list.details(list.rows[1]) == nullptr);
  }

  TEST_CASE("two empty paths keep their details apart") {
    EventList list = list_of({{"2", ""}, {"1", ""}});
    list.set_details(list.rows[0], {"first", {}});
    list.set_details(list.rows[1], {"second", {}});
    CHECK(list.details(list.rows[0])->other_type == "first");
    CHECK(list.details(list.rows[1])->other_type == "second");
  }

  TEST_CASE("sorting is stable and tells whether it was needed") {
    EventList list = list_of({{"3", "a"}, {"1", "b"}, {"2", "c"}, {"2.0", "d"}, {"10", "e"}});
    CHECK(recentd::sort_newest_first(list.rows));
    CHECK(order(list) == "eacdb");
    CHECK_FALSE(recentd::sort_newest_first(list.rows));
    CHECK(order(list) == "eacdb");
  }

  TEST_CASE("an epoch that does not fit is refused") {
    EventList list;
    const std::string epoch = "1." + std::string(70'000, '1');
    CHECK_THROWS_AS(list.make_row(view(epoch), "p", EventType::new_), recentd::Error);
  }
}
