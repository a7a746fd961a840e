#include "codec/top_level.hpp"

#include <doctest/doctest.h>

using namespace recentd;
using namespace recentd::codec;

namespace {

std::string keys_of(const Value& map) {
  std::string keys;
  for (const auto& [key, value] : map.members) keys += key + "=" + value.text + " ";
  return keys;
}

}  // namespace

TEST_SUITE("codec::top_level") {
  TEST_CASE("the meta part is always its own, and the events are never among the keys") {
    Meta meta;
    meta.protocol = 1;
    meta.interval = "1h";
    meta.top_level["meta"] = Value::scalar("old");
    meta.top_level["recent"] = Value::scalar("old");
    meta.top_level["zulu"] = Value::scalar("kept");
    const auto top = top_level_of(meta);
    CHECK(top.size() == 2);
    CHECK(top.at("meta").find("interval")->text == "1h");
    CHECK(top.at("zulu").text == "kept");
  }

  TEST_CASE("an event is a map of its keys; a type that says nothing is null") {
    EventList events;
    events.append({*Epoch::parse("5.50"), "a/b", EventType::new_, {}, {}});
    events.append({*Epoch::parse("4"), "c", EventType::other, "strange", {{"size", "12"}}});
    events.append({*Epoch::parse("3"), "d", EventType::other, "", {}});
    const auto value = [&](std::size_t i) {
      return event_value(events.rows[i], events.details(events.rows[i]));
    };
    CHECK(keys_of(value(0)) == "epoch=5.50 path=a/b type=new ");
    CHECK(keys_of(value(1)) == "size=12 epoch=4 path=c type=strange ");
    CHECK(value(2).find("type")->is_null());
  }

  TEST_CASE("members are sorted bytewise, and of equal keys the last one counts") {
    const auto map =
        Value::map({{"b", Value::scalar("1")}, {"a", Value::scalar("2")}, {"b", Value::scalar("3")}});
    const auto sorted = sorted_members(map);
    REQUIRE(sorted.size() == 2);
    CHECK(sorted[0].first == "a");
    CHECK(sorted[1].second->text == "3");
  }
}
