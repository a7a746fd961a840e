#include "state/differing_paths.hpp"

#include <doctest/doctest.h>

using namespace recentd;
using namespace recentd::state;

TEST_SUITE("state::differing_paths") {
  TEST_CASE("only what differs again after another fetch of the principal raises the alarm, once") {
    MirrorState state;
    const auto epoch = Epoch::parse("5").value();
    CHECK(note_difference(state, "p", epoch) == Difference::look_again);
    CHECK(note_difference(state, "p", epoch) == Difference::look_again);
    CHECK(alarming_differences(state) == 0);
    ++state.fetches;
    CHECK(note_difference(state, "p", epoch) == Difference::alarm);
    CHECK(note_difference(state, "p", epoch) == Difference::known);
    CHECK(alarming_differences(state) == 1);
  }

  TEST_CASE("another event of the path, or the right content, ends it") {
    MirrorState state;
    CHECK(note_difference(state, "p", Epoch::parse("5").value()) == Difference::look_again);
    ++state.fetches;
    CHECK(note_difference(state, "p", Epoch::parse("6").value()) == Difference::look_again);
    forget_difference(state, "p");
    forget_difference(state, "q");
    CHECK(state.differing.empty());
  }
}
