// A mirror whose upstream changes all the time, and that looks again after each batch.

#include <algorithm>
#include <functional>
#include <set>
#include <stdexcept>

#include <doctest/doctest.h>

#include "support/follow_scene.hpp"

using namespace recentd;
using namespace recentd::test;
using Kind_ = transport::FetchRequest::Kind;
using PassEnd = mirror::Pass::End;

namespace {

// While content travels a file is new at the origin, a thousand times.
void keep_changing(MirrorScene& scene) {
  scene.options.poll.ttl = std::chrono::nanoseconds(0);
  scene.upstream.before_fetch = [&scene, n = 0](const transport::FetchRequest& request) mutable {
    if (request.kind == Kind_::content && ++n <= 1000) scene.put("f" + std::to_string(n), "x");
  };
  scene.put("f0", "x");
}

long shows(const MirrorScene& scene) {
  return std::count(scene.recorder.events.begin(), scene.recorder.events.end(), "show RECENT-1h.yaml");
}

// Thirty files, for batches of five; `during` is called while content is asked for, with the how manieth
// time.
void put_backlog(MirrorScene& scene, std::vector<std::vector<std::string>>& asked,
                 const std::function<void(std::size_t)>& during) {
  scene.options.connect.max_files_per_connection = 5;
  for (int i = 0; i < 30; ++i) scene.put("f" + std::to_string(i), "x");
  scene.upstream.before_fetch = [&asked, during](const transport::FetchRequest& request) {
    if (request.kind != Kind_::content) return;
    asked.push_back(request.names);
    during(asked.size());
  };
}

}  // namespace

TEST_SUITE("sim::long_pass") {
  TEST_CASE("a pass ends after a minute although the principal is due again all the time") {
    MirrorScene scene;
    keep_changing(scene);
    const auto start = scene.clock.steady();
    CHECK(scene.pass() == PassEnd::cut);
    const auto took = scene.clock.steady() - start;
    CHECK(took >= std::chrono::seconds(60));
    CHECK(took < std::chrono::seconds(70));
    CHECK(scene.down.exists("f50"));
  }

  TEST_CASE("what is complete is shown although the principal is due again") {
    MirrorScene scene;
    keep_changing(scene);
    CHECK(scene.pass() == PassEnd::cut);
    CHECK(shows(scene) > 50);
    scene.upstream.before_fetch = {};
    CHECK(scene.pass() == PassEnd::up_to_date);
    CHECK(scene.equal());
  }

  TEST_CASE("a service goes on at once after a pass that was cut, however rarely it polls") {
    FollowScene scene;
    keep_changing(scene);
    scene.following.polls = {std::chrono::hours(1), std::chrono::seconds(1)};
    scene.run_for(300);
    CHECK(scene.polls.size() >= 4);
    CHECK(scene.longest_gap() < 70);
    CHECK(scene.down.exists("f250"));
    scene.run_for(3 * 3600);
    CHECK(scene.equal());
    CHECK(scene.longest_gap() > 3500);
  }

  TEST_CASE("a batch that was made ready is given up for what is fresh, and comes later") {
    MirrorScene scene;
    std::vector<std::vector<std::string>> asked;
    scene.options.poll.ttl = std::chrono::seconds(20);
    put_backlog(scene, asked, [&](std::size_t count) {
      if (count != 3) return;
      scene.put("fresh", "x");
      scene.wait(30);
    });
    CHECK(scene.settle());
    REQUIRE(asked.size() == 7);
    CHECK(asked[3].front() == "fresh");
    std::set<std::string> names;
    for (const auto& batch : asked) names.insert(batch.begin(), batch.end());
    CHECK(names.size() == 31);
    CHECK(scene.equal());
  }

  TEST_CASE("a batch that was made ready is asked for in pieces if the one before it took long") {
    MirrorScene scene;
    std::vector<std::vector<std::string>> asked;
    put_backlog(scene, asked, [&](std::size_t count) {
      if (count == 1) scene.wait(100);
    });
    for (int i = 0; i < 30; ++i) scene.put("g" + std::to_string(i), "x");
    scene.options.connect.max_files_per_connection = 20;
    CHECK(scene.settle());
    REQUIRE(asked.size() > 2);
    CHECK(asked[0].size() == 20);
    CHECK(asked[1].size() == 8);
    CHECK(asked[1].front() == "g9");
    CHECK(scene.equal());
  }

  TEST_CASE("a crash in the middle of a backlog costs the batch under way and the one before it at most") {
    MirrorScene scene;
    std::vector<std::vector<std::string>> asked;
    put_backlog(scene, asked, [](std::size_t count) {
      if (count == 4) throw std::runtime_error("crash");
    });
    CHECK_THROWS_AS(scene.pass(), std::runtime_error);
    scene.restart();
    CHECK(scene.settle());
    CHECK(asked.size() <= 4 + 4);
    CHECK(scene.equal());
  }
}
