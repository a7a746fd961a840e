#include "service/tree.hpp"

#include <atomic>

#include <doctest/doctest.h>

#include "support/tools/run_program.hpp"

using namespace recentd;
using namespace recentd::service;
using namespace std::chrono_literals;

namespace {

settings::TreeConfig named(const std::string& name) {
  settings::TreeConfig config;
  config.name = name;
  return config;
}

}  // namespace

TEST_SUITE("service::tree") {
  TEST_CASE("a tree works until it is stopped, asleep or not") {
    std::atomic<int> ends{0};
    Tree tree(
        named("a"), [](const auto&, Clock& clock, StatusBoard&) { clock.sleep_for(1h); }, [&] { ++ends; });
    CHECK_FALSE(tree.ended());
    CHECK_FALSE(tree.stopping());
    tree.stop();
    CHECK(test::eventually([&] { return ends == 1; }));
    CHECK(tree.ended());
    CHECK_FALSE(tree.failure());
    CHECK(tree.status().state == TreeState::stopped);
  }

  TEST_CASE("an error ends its own tree alone, and is kept") {
    const auto work = [](const settings::TreeConfig& config, Clock& clock, StatusBoard&) {
      if (config.name == "bad") throw Error(Kind::locked, "somebody else");
      if (config.name == "worse") throw std::runtime_error("a bug");
      clock.sleep_for(1h);
    };
    const auto nothing = [] {};
    Tree bad(named("bad"), work, nothing), worse(named("worse"), work, nothing),
        good(named("good"), work, nothing);
    CHECK(test::eventually([&] { return bad.ended() && worse.ended(); }));
    CHECK(bad.failure() == Kind::locked);
    CHECK(bad.status().state == TreeState::failed);
    CHECK(bad.status().message == "somebody else");
    CHECK(worse.failure() == Kind::internal);
    CHECK_FALSE(good.ended());
  }

  TEST_CASE("a tree that has something to tell when it is stopped has not failed") {
    Tree tree(
        named("a"),
        [](const auto&, Clock& clock, StatusBoard&) {
          clock.sleep_for(1h);
          throw Error(Kind::refused, "deletes are held back");
        },
        [] {});
    tree.stop();
    CHECK(test::eventually([&] { return tree.ended(); }));
    CHECK(tree.status().state == TreeState::stopped);
    CHECK(tree.failure() == Kind::refused);
  }

  TEST_CASE("a tree at work shows life, one that is stuck does not") {
    std::atomic<bool> over{false};
    Tree stuck(
        named("a"),
        [&](const auto&, Clock&, StatusBoard&) {
          while (!over) test::sleep_a_moment();
        },
        [] {});
    Tree busy(
        named("b"),
        [&](const auto&, Clock& clock, StatusBoard&) {
          while (!clock.stop().requested()) test::sleep_a_moment();
        },
        [] {});
    const auto start = system_clock().steady();
    CHECK(test::eventually([&] { return busy.last_sign_of_life() > start + 50ms; }));
    CHECK(stuck.last_sign_of_life() <= start);
    over = true;
  }
}
