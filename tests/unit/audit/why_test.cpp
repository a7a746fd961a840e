#include "audit/why.hpp"

#include <doctest/doctest.h>
#include <unistd.h>

#include <recentd/error.hpp>

#include "state/state_store.hpp"
#include "unit/recentfile/scratch.hpp"

using namespace recentd;
using namespace recentd::audit;
using namespace recentd::test;

TEST_SUITE("audit::why") {
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
    CHECK(why_text(facts).find("mirrored") != std::string::npos);
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
