#include "audit/why.hpp"

#include <doctest/doctest.h>
#include <unistd.h>

#include <recentd/error.hpp>

#include "state/state_store.hpp"
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

TEST_SUITE("audit::why") {
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
    state.missing = state::MissingPath{epoch("5"), 1, true};
    CHECK(says(mirrored(k_new, false, state), "gone at the upstream"));
    state.missing->gone = false;
    CHECK(says(mirrored(k_new, false, state), "asked for again"));
    state = open();
    state.failing = state::FailingPath{epoch("5"), 3, 1700000000};
    CHECK(says(mirrored(k_new, false, state), "failed 3 times; the next try is at 2023-11-14T22:13:20"));
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

  TEST_CASE("all levels, the state and the copies that wait are looked at") {
    const Scratch scratch;
    LevelContent hour = content({"90 delete p", "80 new q"});
    hour.meta.aggregator = Lines{"6h", "1d", "Z"};
    put(level_file(scratch.root, "1h"), hour);
    put(level_file(scratch.root, "Z"), content({"20 new p"}));
    scratch.write("RECENT-1d.yaml", "meta: [");
    scratch.write("p", "x");
    scratch.write(".recentd/index/unrelated", "");
    put(level_file(scratch.root + "/.recentd/index", "1h"), content({"99 new p", "90 delete p"}));
    state::MirrorState state;
    state.source = "host::pub";
    state.level("1h").done.add(epoch("95"), epoch("80"));
    state.level("Z").done.add(epoch("20"), epoch("20"));
    state::StateStore(scratch.root + "/.recentd", Fsync::none).save(state);
    const auto facts = look_at_path(scratch.root, "p");
    REQUIRE(facts.levels.size() == 4);
    CHECK(facts.levels[0].events.size() == 1);
    CHECK(facts.levels[1].what == PathInLevel::What::missing);
    CHECK(facts.levels[2].what == PathInLevel::What::broken);
    CHECK(facts.levels[3].events.front().epoch.text() == "20");
    REQUIRE(facts.fetched.size() == 1);
    CHECK(facts.newest()->epoch.text() == "99");
    CHECK(facts.state->done == Lines{"Z"});
    CHECK(facts.state->open == Lines{"1h"});
    CHECK(says(facts, "mirrored"));
  }

  TEST_CASE("the tree is the nearest one above the path; a path outside is refused") {
    const Scratch scratch;
    put(level_file(scratch.root, "1h"), content({"90 new a/b"}));
    CHECK(tree_above(scratch.root + "/a/b/../b") == scratch.root);
    CHECK(tree_above(scratch.root) == scratch.root);
    CHECK_THROWS_AS(tree_above("/"), Error);
    CHECK(look_at_path(scratch.root, scratch.root + "/a/b").path == "a/b");
    CHECK_THROWS_AS(look_at_path(scratch.root, "../b"), Error);
    CHECK_THROWS_AS(look_at_path(scratch.root, "/etc/passwd"), Error);
  }
}
