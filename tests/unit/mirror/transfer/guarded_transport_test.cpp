#include "mirror/transfer/guarded_transport.hpp"

#include <doctest/doctest.h>

#include <recentd/error.hpp>

#include "support/simulated_upstream.hpp"
#include "support/tools/temp_tree.hpp"

using namespace recentd;
using mirror::GuardedTransport;

namespace {

void refuse() {
  throw Error(Kind::io, "another");
}

}  // namespace

TEST_SUITE("mirror::guarded_transport") {
  TEST_CASE("no connection is made where the target is another one") {
    const test::TempTree up("up"), down("down");
    test::SimulatedUpstream upstream(up.path());
    GuardedTransport guarded(upstream, refuse);
    CHECK_THROWS_AS(guarded.fetch({.names = {"a"}, .destination = down.path()}), Error);
    CHECK_THROWS_AS(guarded.list("*.recent"), Error);
    CHECK(upstream.connections == 0);
  }

  TEST_CASE("what came while the target was replaced is not handed on") {
    const test::TempTree up("up"), down("down");
    up.write("a", "1");
    test::SimulatedUpstream upstream(up.path());
    GuardedTransport guarded(upstream, [&] {
      if (upstream.connections > 0) refuse();
    });
    CHECK_THROWS_AS(guarded.fetch({.names = {"a"}, .destination = down.path()}), Error);
    CHECK(upstream.connections == 1);
  }

  TEST_CASE("where nobody can replace the target all goes through") {
    const test::TempTree up("up"), down("down");
    up.write("a", "1");
    test::SimulatedUpstream upstream(up.path());
    GuardedTransport guarded(upstream, {});
    CHECK_NOTHROW(guarded.demand_same());
    CHECK(guarded.fetch({.names = {"a"}, .destination = down.path()}).outcomes.at(0) ==
          transport::Outcome::transferred);
    CHECK(guarded.list("*").names.size() == 1);
    CHECK(guarded.describe() == upstream.describe());
  }
}
