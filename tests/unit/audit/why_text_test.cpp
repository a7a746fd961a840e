#include <doctest/doctest.h>

#include "audit/why.hpp"
#include "unit/recentfile/scratch.hpp"

using namespace recentd;
using namespace recentd::audit;
using namespace recentd::test;

namespace {

Event event(const std::string& at, EventType type) {
  return {epoch(at), "p", type, {}, {}};
}

PathFacts facts_with(EventType type, bool on_disk) {
  PathFacts facts;
  facts.path = "p";
  facts.levels.push_back({"1h", "RECENT-1h.yaml", PathInLevel::What::read, {}, {event("5", type)}});
  if (on_disk) facts.on_disk = sys::FileFacts{sys::FileType::regular, 1, 1, 0, 1, 1};
  return facts;
}

PathFacts mirrored(EventType type, bool on_disk, const PathInState& state) {
  auto facts = facts_with(type, on_disk);
  facts.state = state;
  return facts;
}

bool says(const PathFacts& facts, const std::string& part) {
  CAPTURE(why_text(facts));
  return why_text(facts).find(part) != std::string::npos;
}

PathInState done() {
  PathInState state;
  state.done = {"1h"};
  return state;
}

PathInState open() {
  PathInState state;
  state.open = {"1h"};
  return state;
}

constexpr auto k_new = EventType::new_, k_delete = EventType::delete_;

}  // namespace

TEST_SUITE("audit::why_text") {
  TEST_CASE("at an origin the verdict compares the newest event with the disk") {
    CHECK(says(facts_with(k_new, true), "on disk, as its newest event says"));
    CHECK(says(facts_with(k_new, false), "it was removed and nobody registered that"));
    CHECK(says(facts_with(k_delete, false), "`delete`, says"));
    CHECK(says(facts_with(k_delete, true), "it came back"));
    CHECK(says(facts_with(EventType::other, true), "neither `new` nor `delete`"));
    PathFacts nothing;
    CHECK(says(nothing, "neither on disk nor in any index"));
    nothing.on_disk = sys::FileFacts{};
    CHECK(says(nothing, "never registered"));
    nothing.bookkeeping = true;
    CHECK(says(nothing, "name of the index itself"));
  }

  TEST_CASE("at a mirror it says how far the mirror has come") {
    CHECK(says(mirrored(k_new, true, done()), "and mirrored"));
    CHECK(says(mirrored(k_new, true, open()), "still to compare"));
    CHECK(says(mirrored(k_new, false, open()), "not on disk yet"));
    CHECK(says(mirrored(k_new, false, done()), "somebody removed it here"));
    CHECK(says(mirrored(k_delete, true, done()), "put it here again"));
    CHECK(says(mirrored(k_delete, true, open()), "still to work off its delete"));
    auto state = open();
    state.missing = state::MissingPath{
        .epoch = epoch("5"), .absent = true, .known = true, .rounds = 3, .retry_at_s = 1700000000};
    CHECK(says(mirrored(k_new, false, state),
               "the upstream has not got it; looked for 3 times, again at 2023-11-"));
    CHECK(says(mirrored(k_new, false, state), "nothing else waits for it"));
    state.missing->known = state.missing->absent = false;
    state.missing->reason = "Permission denied";
    CHECK(says(mirrored(k_new, false, state), "could not be brought here (Permission denied)"));
    CHECK(says(mirrored(k_new, false, state), "the index that names it waits for it"));
    CHECK(says(mirrored(k_new, true, state), "perhaps in an older version"));
    state = done();
    state.pending_delete = state::PendingDelete{epoch("5"), "1h", false};
    CHECK(says(mirrored(k_delete, true, state), "--accept-deletes"));
    state.pending_delete->accepted = true;
    CHECK(says(mirrored(k_delete, true, state), "next pass"));
    state = done();
    state.deletes_skipped = true;
    CHECK(says(mirrored(k_delete, true, state), "skips deletes"));
  }
}
