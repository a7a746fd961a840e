#include "state/failing_paths.hpp"

#include <doctest/doctest.h>

using namespace recentd;
using namespace recentd::state;

namespace {

const TimePoint k_now{std::chrono::seconds(1000)};

std::int64_t rest(const MirrorState& state, std::string_view path) {
  return state.failing.find(path)->second.retry_at_s - 1000;
}

Epoch epoch(const char* text) {
  return *Epoch::parse(text);
}

}  // namespace

TEST_SUITE("state::failing_paths") {
  TEST_CASE("each failure of a path doubles its rest, up to an hour") {
    MirrorState state;
    std::int64_t expected = 1;
    for (int i = 0; i < 30; ++i) {
      note_failure(state, "p", epoch("5"), Failure::of_the_path, k_now);
      CHECK(rest(state, "p") <= expected);
      CHECK(rest(state, "p") * 4 >= expected * 3);
      expected = std::min(expected * 2, k_longest_rest_s);
    }
  }

  TEST_CASE("a newer event of the path, or its arrival, starts the count anew") {
    MirrorState state;
    for (int i = 0; i < 9; ++i) note_failure(state, "p", epoch("5"), Failure::of_the_path, k_now);
    note_failure(state, "p", epoch("6"), Failure::of_the_path, k_now);
    CHECK(rest(state, "p") == 1);
    forget_failure(state, "p");
    CHECK(state.failing.empty());
  }

  TEST_CASE("a path at which a connection broke rests only after the second time, and then longer") {
    MirrorState state;
    note_failure(state, "p", epoch("5"), Failure::broke_the_connection, k_now);
    CHECK(state.failing.find("p")->second.retry_at_s == 0);
    note_failure(state, "p", epoch("5"), Failure::broke_the_connection, k_now);
    CHECK(rest(state, "p") >= 45);
    CHECK(rest(state, "p") <= 60);
  }

  TEST_CASE("an upstream where everything fails does not fill the state") {
    MirrorState state;
    for (int i = 0; i < 20000; ++i)
      note_failure(state, std::to_string(i), epoch("5"), Failure::of_the_path, k_now);
    CHECK(state.failing.size() == 10000);
  }
}
