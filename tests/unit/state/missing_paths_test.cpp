#include "state/missing_paths.hpp"

#include <doctest/doctest.h>

using namespace recentd;
using namespace recentd::state;

namespace {

// One path that is looked for in vain, on a clock of its own.
struct Scene {
  MirrorState state;
  std::int64_t now_s = 1'700'000'000;
  bool many = false;

  Missed look(Why why, const char* epoch = "5", const std::string& path = "p") {
    ++state.fetches;
    const TimePoint now{std::chrono::seconds(now_s)};
    return note_missed(state, path, Epoch::parse(epoch).value(), {why, "no such file", now, many});
  }
  Missed look_later(Why why, std::int64_t seconds, const char* epoch = "5") {
    now_s += seconds;
    return look(why, epoch);
  }
  [[nodiscard]] std::int64_t rest() const { return state.missing.at("p").retry_at_s - now_s; }
};

}  // namespace

TEST_SUITE("state::missing_paths") {
  TEST_CASE("a file that the upstream has not is known to be missing at the third look") {
    Scene scene;
    CHECK(scene.look(Why::absent) == Missed::look_again);
    CHECK(scene.look_later(Why::absent, 2) == Missed::look_again);
    CHECK(scene.look_later(Why::absent, 2) == Missed::known_now);
    CHECK(scene.look_later(Why::absent, 2) == Missed::known_again);
    CHECK(scene.look_later(Why::absent, 2) == Missed::known);
    CHECK(scene.state.missing.at("p").since_s == 1'700'000'000);
  }

  TEST_CASE("of a thousand looks at a known one nine are worth a word") {
    Scene scene;
    int told = 0;
    for (int i = 0; i < 1000; ++i) {
      const auto missed = scene.look_later(Why::absent, 60);
      told += missed == Missed::known_now || missed == Missed::known_again ? 1 : 0;
      if (missed == Missed::known_again) CHECK(scene.look(Why::absent) == Missed::known);  // the same look
    }
    CHECK(told == 9);  // the 3rd, 4th, 8th ... 512th
  }

  TEST_CASE("any other trouble takes one look more than the three of a single run") {
    Scene scene;
    for (int i = 0; i < 3; ++i) CHECK(scene.look_later(Why::failing, 2) == Missed::look_again);
    CHECK(scene.look_later(Why::failing, 2) == Missed::known_now);
    CHECK(scene.state.missing.at("p").reason == "no such file");
  }

  TEST_CASE("two looks in one second are one, and so are two at one principal") {
    Scene scene;
    for (int i = 0; i < 20; ++i) CHECK(scene.look(Why::absent) == Missed::look_again);
    for (int i = 0; i < 20; ++i) CHECK(scene.look_later(Why::absent, i == 0 ? 1 : 0) == Missed::look_again);
    CHECK(scene.state.missing.at("p").rounds == 1);
    scene = {};
    scene.look(Why::absent);
    scene.now_s += 10;
    const TimePoint now{std::chrono::seconds(scene.now_s)};
    const auto epoch = Epoch::parse("5").value();
    CHECK(note_missed(scene.state, "p", epoch, {Why::absent, "", now, false}) == Missed::look_again);
    CHECK(scene.state.missing.at("p").rounds == 1);
  }

  TEST_CASE("each look in vain doubles the pause, up to a day") {
    Scene scene;
    std::int64_t expected = 1;
    for (int i = 0; i < 40; ++i) {
      scene.look_later(Why::failing, 86400);
      CHECK(scene.rest() <= expected);
      CHECK(scene.rest() * 4 >= expected * 3);
      expected = std::min(expected * 2, k_longest_rest_s);
    }
    CHECK(expected == 86400);
  }

  TEST_CASE("a newer event of the path starts anew, and what is visible may name the old one for a while") {
    Scene scene;
    for (int i = 0; i < 3; ++i) scene.look_later(Why::absent, 2);
    CHECK(scene.look_later(Why::absent, 2, "6") == Missed::look_again);
    CHECK_FALSE(scene.state.missing.at("p").known);
    CHECK(scene.state.missing.at("p").rounds == 1);
    CHECK(scene.state.shown_gone.contains("p"));
  }

  TEST_CASE("a path that came in its first rounds was never missing, a known one is told to have been") {
    Scene scene;
    scene.look(Why::absent);
    CHECK_FALSE(forget_missed(scene.state, "p"));
    CHECK_FALSE(forget_missed(scene.state, "q"));
    CHECK(scene.state.missing.empty());
    CHECK(scene.state.shown_gone.empty());
    for (int i = 0; i < 3; ++i) scene.look_later(Why::absent, 2);
    CHECK(forget_missed(scene.state, "p"));
    CHECK(scene.state.shown_gone.contains("p"));
  }

  TEST_CASE("a path at which a connection broke rests only after the second time, and then longer") {
    Scene scene;
    scene.look(Why::breaks_connection);
    CHECK(scene.state.missing.at("p").retry_at_s == 0);
    scene.look_later(Why::breaks_connection, 2);
    CHECK(scene.rest() >= 45);
    CHECK(scene.rest() <= 60);
  }

  TEST_CASE("where too many are missing none becomes known, until they are few or somebody allows it") {
    Scene scene;
    scene.many = true;
    for (int i = 0; i < 9; ++i) CHECK(scene.look_later(Why::absent, 100) == Missed::look_again);
    CHECK(count_held(scene.state) == 1);
    CHECK(count_known(scene.state) == 0);
    CHECK(let_held_be_known(scene.state));
    CHECK(count_known(scene.state) == 1);
    CHECK(scene.look_later(Why::absent, 100) == Missed::known);  // the tenth look
    CHECK_FALSE(let_held_be_known(scene.state));
  }

  TEST_CASE(
      "what is due: when its pause is over, in a single run also what is young, after a jump of the clock") {
    MissingPath missing{
        .epoch = Epoch::parse("5").value(), .known = true, .rounds = 9, .since_s = 1000, .retry_at_s = 9000};
    CHECK_FALSE(is_due(missing, 2000, When::rests_over));
    CHECK(is_due(missing, 2000, When::or_young));
    CHECK_FALSE(is_due(missing, 4600, When::or_young));
    CHECK(is_due(missing, 9000, When::rests_over));
    CHECK(is_due(missing, -90000, When::rests_over));
    missing.known = false;
    CHECK_FALSE(is_due(missing, 4600, When::rests_over));
    CHECK(is_due(missing, 4600, When::or_young));
    put_off(missing, 10000);
    CHECK(missing.retry_at_s > 10000);
    CHECK(missing.rounds == 9);
  }

  TEST_CASE("one that is here again has those looked for that are missing for the same reason") {
    Scene scene;
    for (const char* path : {"p", "q", "r"})
      for (int i = 0; i < 4; ++i) {
        scene.now_s += 2;
        scene.look(*path == 'r' ? Why::failing : Why::absent, "5", path);
      }
    make_due(scene.state, true);
    CHECK(scene.state.missing.at("q").retry_at_s == 0);
    CHECK(scene.state.missing.at("r").retry_at_s > 0);
  }

  TEST_CASE("a delete that cannot be done is open in its first rounds, and tried ever more rarely") {
    PendingDelete pending{.epoch = Epoch::parse("5").value(), .interval = "1h"};
    CHECK_FALSE(is_open(pending));
    std::int64_t now_s = 1000;
    for (int i = 0; i < 4; ++i) {
      const TimePoint now{std::chrono::seconds(now_s)};
      CHECK(note_failed_delete(pending, "p", "no right", now));
      CHECK_FALSE(note_failed_delete(pending, "p", "no right", now));
      CHECK(is_open(pending) == (i < 3));
      CHECK(is_due(pending, now_s, When::or_young) == (i < 3));
      CHECK_FALSE(is_due(pending, now_s, When::rests_over));
      now_s += 100;
    }
    CHECK(pending.rounds == 4);
    CHECK(pending.retry_at_s >= 1306);
    CHECK(is_due(pending, 2000, When::rests_over));
  }

  TEST_CASE("an upstream where everything fails does not fill the state") {
    Scene scene;
    for (int i = 0; i < 20000; ++i) scene.look(Why::failing, "5", std::to_string(i));
    CHECK(scene.state.missing.size() == 10000);
  }
}
