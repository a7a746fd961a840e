#include "origin/real_place.hpp"

#include <filesystem>

#include <doctest/doctest.h>
#include <unistd.h>

#include "sys/tree/beneath.hpp"
#include "unit/sys/temp_dir.hpp"

using namespace recentd;
using recentd::sys::set_walk;
using namespace recentd::sys::test;

namespace {

void link(const TempDir& temp, const std::string& name, const std::string& target) {
  REQUIRE(::symlink(target.c_str(), temp.path(name).c_str()) == 0);
}

}  // namespace

TEST_SUITE("origin::real_place") {
  TEST_CASE("only a way over a link is not straight, by the kernel and by components") {
    const TempDir temp;
    std::filesystem::create_directories(temp.path("t/real/sub"));
    put(temp.path("t/real/f"), "x");
    link(temp, "t/link", "real");
    for (const auto walk : {recentd::sys::Walk::kernel, recentd::sys::Walk::components}) {
      set_walk(walk);
      RealPlaces places(temp.path("t"));
      for (const char* path :
           {"link", "real/f", "real/sub/x", "real/f", "no/such", "no/such2", "no/deeper/still/x", "no/x",
            "no/deeper/x", "real/sub/none/x", "real/sub/none/or/x", "x"})
        CHECK(places.is_straight(path));
      for (const char* path : {"link/f", "link/sub/g", "link/sub/h", "link/no/h", "link/no/none/h"})
        CHECK_FALSE(places.is_straight(path));
      CHECK(places.is_straight("real/f"));
    }
    set_walk(recentd::sys::Walk::kernel);
    CHECK(RealPlaces(temp.path("nowhere")).follow("a/b").path == "a/b");
  }

  TEST_CASE("links on the way are followed, the name is not, and what is not there goes on by its text") {
    const TempDir temp;
    std::filesystem::create_directories(temp.path("t/real/sub"));
    link(temp, "t/link", "real");
    link(temp, "t/real/sub/up", "../../link");
    link(temp, "t/gone", "./nowhere/at");
    link(temp, "t/whole", temp.path("t/real"));
    link(temp, "other", "t");
    RealPlaces places(temp.path("t"));
    CHECK(places.follow("link").path == "link");
    CHECK(places.follow("link").link.empty());
    CHECK(places.follow("link/f").path == "real/f");
    CHECK(places.follow("link/f").link == temp.path("t/link"));
    CHECK(places.follow("link/sub/up/sub/up").path == "real/sub/up");
    CHECK(places.follow("gone/all/f").path == "nowhere/at/all/f");
    CHECK(places.follow("whole//./f/").path == "real/f");
    CHECK(places.follow("link/../x").path == "x");
    CHECK(places.follow("link/sub/..").path == "real");
    CHECK(places.follow(temp.path("other/link/f")).path == "real/f");
    CHECK(RealPlaces(temp.path("other")).follow(temp.path("t/link/f")).path == "real/f");
    CHECK(RealPlaces("/").follow(temp.path("t/link/f")).path == temp.path("t/real/f").substr(1));
  }

  TEST_CASE(
      "nothing outside, for the root itself, and for a circle; the first link below the root is named") {
    const TempDir temp;
    std::filesystem::create_directories(temp.path("t/d"));
    link(temp, "t/out", "../elsewhere");
    link(temp, "t/d/back", "../out");
    link(temp, "t/self", "self");
    link(temp, "t/top", ".");
    RealPlaces places(temp.path("t"));
    for (const char* path : {"out/f", "d/back/f", "self/f", "..", ".", "", "/", "../x", "d/../.."})
      CHECK_FALSE(places.follow(path).path);
    CHECK(places.follow("d/back/f").link == temp.path("t/d/back"));
    CHECK(places.follow("self/f").link == temp.path("t/self"));
    CHECK(places.follow("../x").link.empty());
    CHECK(places.follow("top/d").path == "d");
    CHECK(places.follow("top/.").path == "top");
  }
}
