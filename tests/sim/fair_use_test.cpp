// How often a service asks its upstream, in good times and in bad ones.

#include <doctest/doctest.h>

#include <recentd/error.hpp>

#include "support/follow_scene.hpp"
#include "sys/fault.hpp"

using namespace recentd;
using namespace recentd::test;
using Nature = transport::Problem::Nature;
using namespace std::chrono_literals;

namespace {

// A scene whose mirror is up to date and resting.
void begin(FollowScene& scene) {
  scene.put("a", "1");
  scene.aggregate();
  scene.run_for(100);
  REQUIRE(scene.equal());
  scene.polls.clear();
}

}  // namespace

TEST_SUITE("sim::fair_use") {
  TEST_CASE("hours of polls are one connection each, a little more than a period apart, never in step") {
    FollowScene scene;
    begin(scene);
    const int before = scene.upstream.connections;
    scene.run_for(20000);
    CHECK(scene.upstream.connections - before == static_cast<int>(scene.polls.size()));
    CHECK(scene.shortest_gap() >= 20);
    CHECK(scene.longest_gap() <= 22.001);
    CHECK(scene.longest_gap() - scene.shortest_gap() > 1.5);
  }

  TEST_CASE("two mirrors of one upstream do not keep step, one mirror with the same seed does") {
    FollowScene one, same, other;
    other.following.seed = 43;
    for (auto* scene : {&one, &same, &other}) {
      begin(*scene);
      scene->run_for(2000);
    }
    CHECK(one.polls == same.polls);
    CHECK(one.polls != other.polls);
  }

  TEST_CASE("the minimum interval holds whatever the period says, also after failures") {
    FollowScene scene;
    scene.following.polls = {0s, 7s};
    begin(scene);
    scene.run_for(300);
    CHECK(scene.shortest_gap() >= 7);
    scene.upstream.down = true;
    scene.run_for(100);
    CHECK(scene.shortest_gap() >= 6.999);
  }

  TEST_CASE("an upstream that is down for a day is asked ever less often, and caught up with in minutes") {
    FollowScene scene;
    begin(scene);
    scene.upstream.down = true;
    scene.run_for(86400);
    CHECK(scene.polls.size() < 420);
    CHECK(scene.polls.size() > 280);
    CHECK(scene.longest_gap() <= 300.001);
    scene.put("b", "2");
    scene.upstream.down = false;
    scene.run_for(301);
    CHECK(scene.equal());
    scene.polls.clear();
    scene.run_for(200);
    CHECK(scene.longest_gap() <= 22.001);
  }

  TEST_CASE("a short break of the upstream costs seconds, not minutes") {
    FollowScene scene;
    begin(scene);
    scene.upstream.down = true;
    scene.run_for(10);
    scene.upstream.down = false;
    scene.put("b", "2");
    scene.run_for(16);
    CHECK(scene.equal());
  }

  TEST_CASE("a full upstream is asked seldom from the first refusal on") {
    for (const auto nature : {Nature::busy, Nature::authentication, Nature::missing}) {
      FollowScene scene;
      begin(scene);
      scene.upstream.refuses = {nature, "no"};
      scene.run_for(600);
      CHECK(scene.polls.size() <= 9);
      CHECK(scene.shortest_gap(1) >= 5.9);
      scene.upstream.refuses.reset();
      scene.put("b", "2");
      scene.run_for(301);
      CHECK(scene.equal());
    }
  }

  TEST_CASE("a week of trouble is a handful of lines, and its end is told once") {
    FollowScene scene;
    begin(scene);
    CapturedStderr log;
    scene.upstream.refuses = {Nature::unreachable, "connection refused"};
    scene.run_for(7 * 86400);
    CHECK(scene.polls.size() > 1000);
    CHECK(log.lines_with("connection refused") >= 8);
    CHECK(log.lines_with("connection refused") <= 13);
    CHECK(log.text().find("(1024 times in a row)") != std::string::npos);
    scene.upstream.refuses.reset();
    scene.run_for(1000);
    CHECK(log.lines_with("all is well again") == 1);
  }

  TEST_CASE("failures in a row end the loop only if max_errors says so, and success starts the count anew") {
    FollowScene scene;
    scene.following.max_errors = 3;
    begin(scene);
    for (int round = 0; round < 4; ++round) {
      scene.upstream.down = true;
      scene.poll();
      scene.poll();
      scene.upstream.down = false;
      scene.poll();
    }
    scene.upstream.down = true;
    scene.poll();
    scene.poll();
    CHECK_THROWS_AS(scene.poll(), Error);
  }
}
