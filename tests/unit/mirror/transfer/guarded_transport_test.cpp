#include "mirror/transfer/guarded_transport.hpp"

#include <doctest/doctest.h>

#include <recentd/error.hpp>

using namespace recentd;
using mirror::GuardedTransport;

namespace {

// Brings everything, and counts how often it was asked.
class Counting : public transport::Transport {
 public:
  int connections = 0;
  transport::FetchResult fetch(const transport::FetchRequest& request) override {
    ++connections;
    return {.outcomes = std::vector(request.names.size(), transport::Outcome::transferred),
            .messages = std::vector<std::string>(request.names.size()),
            .problem = {}};
  }
  transport::RangesResult fetch_ranges(const transport::RangesRequest&) override {
    ++connections;
    return {.complete = true};
  }
  Listing list(const std::string&) override {
    ++connections;
    return {.names = {"a"}, .problem = {}};
  }
  [[nodiscard]] std::string describe() const override { return "counting"; }
  [[nodiscard]] bool sends_whole_files() const override { return true; }
};

void refuse() {
  throw Error(Kind::io, "another");
}

}  // namespace

TEST_SUITE("mirror::guarded_transport") {
  TEST_CASE("no connection is made where the target is another one") {
    Counting counting;
    GuardedTransport guarded(counting, refuse);
    CHECK_THROWS_AS(guarded.fetch({.names = {"a"}, .destination = "/d"}), Error);
    CHECK_THROWS_AS(guarded.list("*.recent"), Error);
    CHECK_THROWS_AS(guarded.fetch_ranges({.name = "a"}), Error);
    CHECK(counting.connections == 0);
  }

  TEST_CASE("what came while the target was replaced is not handed on") {
    Counting counting;
    GuardedTransport guarded(counting, [&] {
      if (counting.connections > 0) refuse();
    });
    CHECK_THROWS_AS(guarded.fetch({.names = {"a"}, .destination = "/d"}), Error);
    CHECK(counting.connections == 1);
  }

  TEST_CASE("where nobody can replace the target all goes through") {
    Counting counting;
    GuardedTransport guarded(counting, {});
    CHECK_NOTHROW(guarded.demand_same());
    CHECK(guarded.fetch({.names = {"a"}, .destination = "/d"}).outcomes.at(0) ==
          transport::Outcome::transferred);
    CHECK(guarded.list("*").names.size() == 1);
    CHECK(guarded.fetch_ranges({.name = "a"}).complete);
    CHECK(guarded.describe() == "counting");
    CHECK(guarded.sends_whole_files());
  }
}
