#include "mirror/failing_paths.hpp"

#include <doctest/doctest.h>

using namespace recentd;
using namespace recentd::mirror;
using transport::Outcome;
using Nature = transport::Problem::Nature;

namespace {

const TimePoint k_now{std::chrono::seconds(1000)};

std::int64_t rest(const state::MirrorState& state, std::string_view path) {
  return state.failing.find(path)->second.retry_at_s - 1000;
}

Epoch epoch(const char* text) {
  return *Epoch::parse(text);
}

transport::FetchResult broken(std::vector<Outcome> outcomes, Nature nature = Nature::unreachable) {
  transport::FetchResult result;
  result.outcomes = std::move(outcomes);
  result.problem = transport::Problem{nature, "broken"};
  return result;
}

}  // namespace

TEST_SUITE("mirror::failing_paths") {
  TEST_CASE("each failure of a path doubles its rest, up to an hour") {
    state::MirrorState state;
    std::int64_t expected = 1;
    for (int i = 0; i < 30; ++i) {
      note_failure(state, "p", epoch("5"), Failure::of_the_path, k_now);
      CHECK(rest(state, "p") <= expected);
      CHECK(rest(state, "p") * 4 >= expected * 3);
      expected = std::min(expected * 2, k_longest_rest_s);
    }
  }

  TEST_CASE("a newer event of the path, or its arrival, starts the count anew") {
    state::MirrorState state;
    for (int i = 0; i < 9; ++i) note_failure(state, "p", epoch("5"), Failure::of_the_path, k_now);
    note_failure(state, "p", epoch("6"), Failure::of_the_path, k_now);
    CHECK(rest(state, "p") == 1);
    forget_failure(state, "p");
    CHECK(state.failing.empty());
  }

  TEST_CASE("a path at which a connection broke rests only after the second time, and then longer") {
    state::MirrorState state;
    note_failure(state, "p", epoch("5"), Failure::broke_the_connection, k_now);
    CHECK(state.failing.find("p")->second.retry_at_s == 0);
    note_failure(state, "p", epoch("5"), Failure::broke_the_connection, k_now);
    CHECK(rest(state, "p") >= 45);
    CHECK(rest(state, "p") <= 60);
  }

  TEST_CASE("an upstream where everything fails does not fill the state") {
    state::MirrorState state;
    for (int i = 0; i < 20000; ++i)
      note_failure(state, std::to_string(i), epoch("5"), Failure::of_the_path, k_now);
    CHECK(state.failing.size() == 10000);
  }

  TEST_CASE("the suspect of a broken connection is the first undecided name in rsync's order") {
    const std::vector<std::string> names = {"d", "b", "a", "c"};
    CHECK(suspect(names, broken({Outcome::not_tried, Outcome::transferred, Outcome::unchanged,
                                 Outcome::not_tried})) == "c");
    CHECK(suspect(names, broken({Outcome::not_tried, Outcome::not_tried, Outcome::not_tried,
                                 Outcome::not_tried})) == "a");
    CHECK(suspect(names, broken({Outcome::failed, Outcome::transferred, Outcome::unchanged,
                                 Outcome::vanished})) == "");
  }

  TEST_CASE("nobody is suspected where the upstream turned us away, the disk was full or we stopped") {
    const std::vector<std::string> names = {"a"};
    for (const auto nature :
         {Nature::busy, Nature::authentication, Nature::missing, Nature::local, Nature::stopped})
      CHECK(suspect(names, broken({Outcome::not_tried}, nature)) == "");
    transport::FetchResult well;
    well.outcomes = {Outcome::not_tried};
    CHECK(suspect(names, well) == "");
  }
}
