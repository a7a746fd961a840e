#include "mirror/transfer/fetcher.hpp"

#include <doctest/doctest.h>

using namespace recentd;
using recentd::mirror::broken_at;
using transport::Outcome;
using Nature = transport::Problem::Nature;

TEST_SUITE("mirror::fetcher") {
  TEST_CASE("a connection broke at the first undecided name in rsync's order") {
    const std::vector<std::string> names = {"d", "b", "a", "c"};
    const transport::Problem problem{Nature::unreachable, "broken"};
    const auto at = [&](std::vector<Outcome> outcomes) { return broken_at(names, outcomes, problem); };
    CHECK(at({Outcome::not_tried, Outcome::transferred, Outcome::unchanged, Outcome::not_tried}) == 3U);
    CHECK(at({Outcome::not_tried, Outcome::not_tried, Outcome::not_tried, Outcome::not_tried}) == 2U);
    CHECK_FALSE(at({Outcome::failed, Outcome::transferred, Outcome::unchanged, Outcome::vanished}));
  }

  TEST_CASE("no name is blamed where the upstream turned us away, the disk was full or we stopped") {
    for (const auto nature :
         {Nature::busy, Nature::authentication, Nature::missing, Nature::local, Nature::stopped})
      CHECK_FALSE(broken_at({"a"}, {Outcome::not_tried}, {nature, "broken"}));
  }
}
