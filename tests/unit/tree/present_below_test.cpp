#include "tree/present_below.hpp"

#include "unit/tree/scene.hpp"

using namespace recentd;
using namespace recentd::test;

namespace {

// Three levels; what is newest of a path is not always in the largest one.
struct Levels {
  Levels() {
    LevelContent hour = content({"95 delete d/gone", "90 new d/1", "80 delete file", "70 new other/f"});
    hour.meta.aggregator = Lines{"1d", "Z"};
    put(level_file(scratch.root, "1h"), hour);
    put(level_file(scratch.root, "1d"), content({"60 new d/sub/2", "50 new d/gone", "40 new e"}));
    put(level_file(scratch.root, "Z"),
        content({"30 new d/1", "20 new file", "15 new d-1/x", "10 new d/old", "5 new dd/x"}));
    REQUIRE(::symlink("RECENT-1h.yaml", (scratch.root + "/RECENT.recent").c_str()) == 0);
  }
  [[nodiscard]] TreeLayout layout() const { return open_tree(scratch.root); }
  Scratch scratch;
};

using Views = std::vector<std::string_view>;

}  // namespace

TEST_SUITE("tree::present_below") {
  TEST_CASE("what is present below a path, over all levels, by the newest event of each name") {
    const Levels levels;
    PresentBelow found(levels.layout(), {"d", "file", "e", "nothing"});
    CHECK(found.below("d") == Views{"d/1", "d/old", "d/sub/2"});
    CHECK_FALSE(found.is_present("d"));
    CHECK(found.is_present("e"));
    CHECK_FALSE(found.is_present("file"));
    CHECK(found.below("file").empty());
    CHECK(found.below("nothing").empty());
    CHECK_FALSE(found.is_present("other/f"));
    CHECK(found.below("other").empty());
  }

  TEST_CASE("what lies below two of the paths comes with the upper one") {
    const Levels levels;
    PresentBelow found(levels.layout(), {"d/sub", "d", "d/1", "d"});
    CHECK(found.below("d") == Views{"d/1", "d/old", "d/sub/2"});
    CHECK(found.below("d/sub").empty());
    CHECK(found.is_present("d/1"));
  }

  TEST_CASE("no level is read any more when all paths are known to be files") {
    const Levels levels;
    levels.scratch.write("RECENT-Z.yaml", "]]{{");
    PresentBelow found(levels.layout(), {"e", "other/f"});
    CHECK(found.is_present("e"));
    CHECK_THROWS_AS(PresentBelow(levels.layout(), {"e", "d"}), Error);
    CHECK_NOTHROW(PresentBelow(levels.layout(), {}));
  }
}
