#include "origin/init_marker.hpp"

#include <doctest/doctest.h>
#include <unistd.h>

#include "unit/recentfile/scratch.hpp"

using namespace recentd;
using namespace recentd::test;

TEST_SUITE("origin::init_marker") {
  TEST_CASE("what the marker names is the rest of an init, the link first") {
    const Scratch scratch;
    CHECK(rest_of_init(scratch.root, "RECENT").empty());
    put_marker(scratch.root, "RECENT", {"RECENT-Z.yaml", "RECENT-1h.yaml"}, Fsync::none);
    CHECK(rest_of_init(scratch.root, "RECENT").empty());
    for (const char* name : {"RECENT-Z.yaml", "RECENT-1h.yaml.new", "RECENT-6h.yaml", "OTHER-Z.yaml"})
      scratch.write(name, "x");
    REQUIRE(::symlink("RECENT-1h.yaml", (scratch.root + "/RECENT.recent").c_str()) == 0);
    const auto rest = rest_of_init(scratch.root, "RECENT");
    CHECK(rest == Lines{"RECENT.recent", "RECENT-Z.yaml", "RECENT-1h.yaml.new"});
    remove_rest(scratch.root, rest);
    remove_marker(scratch.root, "RECENT", Fsync::full);
    CHECK(scratch.names() == Lines{"OTHER-Z.yaml", "RECENT-6h.yaml"});
  }

  TEST_CASE("a marker cannot name what is no level of its set, nor a link to somewhere else") {
    const Scratch scratch;
    scratch.write("RECENT.recent.init",
                  "../x\nRECENT-Z.yaml/../../x\ncontent\nOTHER-Z.yaml\nRECENT-Z.yaml.gz\n");
    for (const char* name : {"content", "OTHER-Z.yaml", "RECENT-Z.yaml.gz"}) scratch.write(name, "x");
    CHECK(rest_of_init(scratch.root, "RECENT").empty());
    put_marker(scratch.root, "RECENT", {"RECENT-1h.yaml"}, Fsync::none);
    REQUIRE(::symlink("RECENT-6h.yaml", (scratch.root + "/RECENT.recent").c_str()) == 0);
    CHECK(rest_of_init(scratch.root, "RECENT").empty());
    remove_marker(scratch.root, "RECENT", Fsync::none);
    CHECK(::symlink("/etc/passwd", (scratch.root + "/RECENT.recent.init").c_str()) == 0);
    CHECK(rest_of_init(scratch.root, "RECENT").empty());
  }
}
