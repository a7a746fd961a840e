#include "state/missing_paths.hpp"

#include <doctest/doctest.h>

using namespace recentd;
using namespace recentd::state;

TEST_SUITE("state::missing_paths") {
  TEST_CASE("a path is gone when it is missed again after another fetch of the principal") {
    MirrorState state;
    const auto epoch = Epoch::parse("5").value();
    CHECK(note_missed(state, "p", epoch) == Missed::look_again);
    CHECK(note_missed(state, "p", epoch) == Missed::look_again);
    ++state.fetches;
    CHECK(note_missed(state, "p", epoch) == Missed::gone);
    CHECK(note_missed(state, "p", epoch) == Missed::known);
  }

  TEST_CASE("a newer event of the path starts anew, and what is visible may name the old one for a while") {
    MirrorState state;
    CHECK(note_missed(state, "p", Epoch::parse("5").value()) == Missed::look_again);
    ++state.fetches;
    CHECK(note_missed(state, "p", Epoch::parse("5").value()) == Missed::gone);
    CHECK(note_missed(state, "p", Epoch::parse("6").value()) == Missed::look_again);
    CHECK_FALSE(state.missing.at("p").gone);
    CHECK(state.shown_gone.contains("p"));
  }

  TEST_CASE("a path that came back in time was never gone") {
    MirrorState state;
    CHECK(note_missed(state, "p", Epoch::parse("5").value()) == Missed::look_again);
    forget_missed(state, "p");
    forget_missed(state, "q");
    CHECK(state.missing.empty());
    CHECK(state.shown_gone.empty());
  }
}
