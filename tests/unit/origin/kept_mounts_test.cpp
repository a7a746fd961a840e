#include "origin/kept_mounts.hpp"

#include <doctest/doctest.h>

#include "support/tools/temp_tree.hpp"

using namespace recentd;

TEST_SUITE("origin::kept_mounts") {
  TEST_CASE("what is mounted comes back for the same directory alone, whatever its name is") {
    const test::TempTree temp("mounts");
    const sys::Dir root(temp.make_directory("root")), other(temp.make_directory("other"));
    const auto place = temp.path("state/deep");
    CHECK(read_mounts(place, root) == KeptMounts());
    write_mounts(place, root, {});
    CHECK_FALSE(temp.exists("state"));
    const KeptMounts mounts{{{"data", {45, 0}}, {"a b\nc\\", {0x10000000123, 1795333375}}}, {"old one"}};
    write_mounts(place, root, mounts);
    CHECK(read_mounts(place, root) == mounts);
    CHECK(read_mounts(place, other) == KeptMounts());
    const auto whole = *temp.read("state/deep/mounts");
    for (const auto& text :
         {std::string(), std::string("recentd mounts 2") + whole.substr(16), whole.substr(0, 20)}) {
      temp.write("state/deep/mounts", text);
      CHECK(read_mounts(place, root) == KeptMounts());
    }
    write_mounts(place, root, {});
    CHECK(read_mounts(place, root) == KeptMounts());
  }

  TEST_CASE("one that is not mounted now is absent, unless it is given up, and is told with what to do") {
    const test::TempTree temp("mounts");
    temp.make_directory("data");
    const sys::Dir root(temp.path());
    const KeptMounts kept{{{"data", {0x801, 0}}, {"no/directory", {7, 0}}, {"old", {8, 0}}}, {"old"}};
    const auto absent = absent_mounts(root, kept);
    CHECK(absent.size() == 2);
    CHECK(absent.contains("data"));
    CHECK(absent.contains("no/directory"));
    const auto words = words_for_absent("/srv/pub", "data", {0x801, 1700000000});
    CHECK(words.find("/srv/pub/data (device 8:1, missed since 2023-11-14T22:13:20Z)") != std::string::npos);
    CHECK(words.find("`recentd fsck /srv/pub --repair=index --accept-unmounted data`") != std::string::npos);
    // An operator's word is kept beside the rest, until a watcher has heard it.
    remember_mounts(temp.path("state"), root, {});
    CHECK_FALSE(temp.exists("state"));
    write_mounts(temp.path("state"), root, kept);
    remember_mounts(temp.path("state"), root, {"data"});
    CHECK(absent_mounts(root, read_mounts(temp.path("state"), root)).size() == 1);
  }
}
