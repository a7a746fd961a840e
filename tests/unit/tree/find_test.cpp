#include "tree/find.hpp"

#include <doctest/doctest.h>
#include <unistd.h>

#include <recentd/error.hpp>

#include "tree/tree.hpp"
#include "unit/tree/scene.hpp"

using namespace recentd;
using namespace recentd::test;

TEST_SUITE("tree::find") {
  TEST_CASE("a directory, its link and its principal mean the same set") {
    const Scratch scratch;
    make_set(scratch, {"Z", "6h", "1d"});
    for (const char* name : {"", "/", "/RECENT.recent", "/RECENT-1h.yaml", "/../."}) {
      std::string tree = scratch.root + name;
      if (tree.ends_with("..")) continue;
      if (std::string(name) == "/../.") tree = scratch.root + "/./";
      const TreeLayout layout = open_tree(tree);
      CHECK(layout.root == scratch.root);
      CHECK(specs(layout) == Lines{"1h", "6h", "1d", "Z"});
      CHECK(layout.file(1).path() == scratch.root + "/RECENT-6h.yaml");
      CHECK(layout.remarks.empty());
    }
  }

  TEST_CASE("the only other link of a directory is taken, of several one has to be picked") {
    const Scratch scratch;
    make_set(scratch, {"Z"}, "OTHER");
    CHECK(open_tree(scratch.root).filenameroot == "OTHER");
    make_set(scratch, {"Z"}, "THIRD");
    std::string message;
    CHECK(failure(scratch.root, &message) == Kind::usage);
    CHECK(message.find("OTHER.recent THIRD.recent") != std::string::npos);
    CHECK(open_tree(scratch.root, "THIRD").filenameroot == "THIRD");
    make_set(scratch, {"Z"});
    CHECK(open_tree(scratch.root).filenameroot == "RECENT");
  }

  TEST_CASE("nothing there is an error that says how to begin") {
    const Scratch scratch;
    std::string message;
    CHECK(failure(scratch.root, &message) == Kind::missing);
    CHECK(message.find("recentd init") != std::string::npos);
    CHECK(failure(scratch.root + "/no/such") == Kind::missing);
    CHECK(failure("") == Kind::usage);
    scratch.write("plain.txt", "x");
    CHECK(failure(scratch.root + "/plain.txt") == Kind::usage);
  }

  TEST_CASE("a mirror that shows no index yet is not told to make one") {
    const Scratch scratch;
    scratch.write(".recentd/state", "recentd-state 2\n");
    std::string message;
    CHECK(failure(scratch.root, &message) == Kind::missing);
    CHECK(message.find("its first copy is not complete") != std::string::npos);
    CHECK(message.find("init") == std::string::npos);
  }

  TEST_CASE("a link that points away, or around, is corrupt; one that dangles misses its file") {
    const Scratch scratch;
    REQUIRE(::symlink("../RECENT-1h.yaml", (scratch.root + "/RECENT.recent").c_str()) == 0);
    CHECK(failure(scratch.root) == Kind::corrupt);
    ::unlink((scratch.root + "/RECENT.recent").c_str());
    REQUIRE(::symlink("RECENT.recent", (scratch.root + "/RECENT.recent").c_str()) == 0);
    CHECK(failure(scratch.root) == Kind::corrupt);
    ::unlink((scratch.root + "/RECENT.recent").c_str());
    REQUIRE(::symlink("RECENT-1h.yaml", (scratch.root + "/RECENT.recent").c_str()) == 0);
    CHECK(failure(scratch.root) == Kind::missing);
  }

  TEST_CASE("a set without its link is found by its shortest level") {
    const Scratch scratch;
    make_set(scratch, {"6h", "Z"});
    put(level_file(scratch.root, "6h"), content({"30 new c"}));
    ::unlink((scratch.root + "/RECENT.recent").c_str());
    CHECK(open_tree(scratch.root).principal().spec() == "1h");
  }

  TEST_CASE("a larger level never passes for the principal") {
    const Scratch scratch;
    make_set(scratch, {"6h", "Z"});
    LevelContent larger = content({"30 new c"});
    larger.meta.aggregator = Lines{"6h", "Z"};
    put(level_file(scratch.root, "6h"), larger);
    ::unlink((scratch.root + "/RECENT.recent").c_str());
    CHECK(open_tree(scratch.root).principal().spec() == "1h");
    ::unlink((scratch.root + "/RECENT-1h.yaml").c_str());
    CHECK(failure(scratch.root) == Kind::corrupt);
    CHECK(open_tree(scratch.root + "/RECENT-6h.yaml").principal().spec() == "6h");
  }

  TEST_CASE("where an init was interrupted nothing is opened, however it is named") {
    const Scratch scratch;
    make_set(scratch, {"6h", "Z"});
    scratch.write("RECENT.recent.init", "");
    for (const char* name : {"", "/RECENT.recent", "/RECENT-1h.yaml"})
      CHECK(failure(scratch.root + name) == Kind::refused);
    ::unlink((scratch.root + "/RECENT.recent.init").c_str());
    scratch.write("OTHER.recent.init", "");
    CHECK(open_tree(scratch.root).principal().spec() == "1h");
  }

  TEST_CASE("a regular file in the link's place says itself which level it is") {
    const Scratch scratch;
    LevelContent level = content({"50 new newer", "30 new c"});
    level.meta.aggregator = Lines{"6h", "Z"};
    put(level_file(scratch.root, "1h"), level);
    std::filesystem::rename(scratch.root + "/RECENT-1h.yaml", scratch.root + "/RECENT.recent");
    const TreeLayout layout = open_tree(scratch.root);
    CHECK(layout.file(0).name.file() == "RECENT-1h.yaml");
    CHECK(read_principal(layout.file(0), Reader::mirror)->events.rows.size() == 2);
    // What the level's own file has is older.
    put(level_file(scratch.root, "1h"), content({"30 new c"}));
    CHECK(read_principal(layout.file(0), Reader::mirror)->events.rows.size() == 2);
    put(level_file(scratch.root, "1h"), content({"60 new d"}));
    CHECK(read_principal(layout.file(0), Reader::mirror)->events.rows.size() == 1);
    scratch.write("RECENT.recent", "--- \nmeta: \n  interval: /etc\n  protocol: 1\nrecent: []\n\n");
    CHECK(failure(scratch.root) == Kind::corrupt);
  }
}
