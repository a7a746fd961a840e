#include "codec/row_maker.hpp"

#include <doctest/doctest.h>

using namespace recentd;
using namespace recentd::codec;
using Outcome = RowMaker::Outcome;

namespace {

RawEvent raw(std::string_view epoch, std::string_view path, std::string_view type) {
  RawEvent event;
  event.epoch = epoch;
  event.path = path;
  event.type = type;
  return event;
}

struct Scene {
  EventList storage;
  ReadOptions options;
  EventRow row{};

  Flaw flaw_of(RawEvent event) {
    RowMaker maker(storage, options);
    const auto outcome = maker.make(event, row);
    CHECK((outcome == Outcome::flawed) == (maker.flaw() != Flaw::none));
    return maker.flaw();
  }
};

}  // namespace

TEST_SUITE("codec::row_maker") {
  TEST_CASE("an event becomes a row that is as it was spelled") {
    Scene scene;
    CHECK(scene.flaw_of(raw("1700000000.50", "a/b", "delete")) == Flaw::none);
    CHECK(scene.row.epoch().text == "1700000000.50");
    CHECK(scene.row.path() == "a/b");
    CHECK(scene.row.type == EventType::delete_);
  }

  TEST_CASE("what an event cannot do without is missed") {
    Scene scene;
    auto event = raw("1", "a", "new");
    event.epoch.reset();
    CHECK(scene.flaw_of(event) == Flaw::no_epoch);
    event = raw("1", "a", "new");
    event.path.reset();
    CHECK(scene.flaw_of(event) == Flaw::no_path);
    event = raw("1", "a", "new");
    event.type.reset();
    CHECK(scene.flaw_of(event) == Flaw::no_type);
    event.null_type = true;  // a type that says nothing is one
    CHECK(scene.flaw_of(event) == Flaw::none);
    CHECK(scene.row.type == EventType::other);
  }

  TEST_CASE("limits of length hold to the byte") {
    Scene scene;
    scene.options.limits.path_bytes = 4;
    scene.options.limits.epoch_bytes = 3;
    CHECK(scene.flaw_of(raw("1.5", "abcd", "new")) == Flaw::none);
    CHECK(scene.flaw_of(raw("1.5", "abcde", "new")) == Flaw::long_path);
    CHECK(scene.flaw_of(raw("1.55", "abcd", "new")) == Flaw::long_epoch);
  }

  TEST_CASE("an epoch that is no number is a flaw, or skipped if somebody listens") {
    Scene scene;
    CHECK(scene.flaw_of(raw("soon", "a", "new")) == Flaw::bad_epoch);
    std::string told;
    scene.options.on_skipped = [&](const Skipped& skipped) { told = skipped.epoch + " " + skipped.path; };
    RowMaker maker(scene.storage, scene.options);
    auto event = raw("soon", "a", "new");
    CHECK(maker.make(event, scene.row) == Outcome::skipped);
    CHECK(told == "soon a");
  }

  TEST_CASE(
      "what is too long is a flaw, or skipped with its texts cut, and a part that lacks is a flaw always") {
    Scene scene;
    Skipped told;
    scene.options.on_skipped = [&](const Skipped& skipped) { told = skipped; };
    RowMaker maker(scene.storage, scene.options);
    const std::string much(70000, '7');
    for (auto event : {raw("1", much, "new"), raw(much, "a", "new"), raw("1", "a", much)}) {
      told = {};
      CHECK(maker.make(event, scene.row) == Outcome::skipped);
      CHECK(told.why.find("beyond the limit of length") != std::string::npos);
      CHECK(told.epoch.size() + told.path.size() <= 201);
    }
    auto event = raw("1", "a", "new");
    event.extras = {{"x", std::string(70000, 'x')}};
    CHECK(maker.make(event, scene.row) == Outcome::skipped);
    event.extras.clear();
    event.path.reset();
    CHECK(maker.make(event, scene.row) == Outcome::flawed);
  }

  TEST_CASE("unknown types and extra keys are kept beside the row") {
    Scene scene;
    auto event = raw("1", "a", "strange");
    event.extras = {{"size", "5"}};
    CHECK(scene.flaw_of(event) == Flaw::none);
    const auto kept = scene.storage.event(scene.row);
    CHECK(kept.other_type == "strange");
    REQUIRE(kept.extras.size() == 1);
    CHECK(kept.extras[0].second == "5");
  }

  TEST_CASE("a path is plain if a writer would not quote it, short or long") {
    for (const char* plain : {"a", "id/A/AB/ABC/Foo-1.23.tar.gz", "README"}) CHECK(is_plain_path(plain));
    for (const char* odd : {"", "007", "yes", "a: b", "id/A/AB/ABC/Foo bar: baz.tar.gz"})
      CHECK_FALSE(is_plain_path(odd));
  }
}
