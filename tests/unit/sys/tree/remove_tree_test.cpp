#include "sys/tree/remove_tree.hpp"

#include <cerrno>

#include <doctest/doctest.h>
#include <unistd.h>

#include <recentd/error.hpp>

#include "unit/sys/fault_hook.hpp"
#include "unit/sys/temp_dir.hpp"

using namespace recentd;
using namespace recentd::sys;
using namespace recentd::sys::test;

TEST_SUITE("sys::remove_tree") {
  TEST_CASE("whatever is there goes, links are not followed") {
    const TempDir temp;
    std::filesystem::create_directories(temp.path("tree/d"));
    put(temp.path("tree/d/a\nb"), "x");
    put(temp.path("kept"), "x");
    REQUIRE(::symlink("../kept", temp.path("tree/link").c_str()) == 0);
    {
      const Failing hook("remove", EIO);
      CHECK_THROWS_AS(remove_whatever(temp.path("tree")), Error);
      CHECK(exists(temp.path("tree/d")));
    }
    remove_whatever(temp.path("tree"));
    CHECK_FALSE(exists(temp.path("tree")));
    CHECK(exists(temp.path("kept")));
    CHECK_NOTHROW(remove_whatever(temp.path("tree")));
  }

  TEST_CASE("a tree is removed with its directory, or emptied alone") {
    const TempDir temp;
    std::filesystem::create_directories(temp.path("tree/d"));
    put(temp.path("tree/d/a"), "x");
    empty_tree(Dir(temp.path("tree")));
    CHECK(std::filesystem::is_empty(temp.path("tree")));
    put(temp.path("tree/b"), "x");
    remove_tree(temp.path("tree"));
    CHECK_FALSE(exists(temp.path("tree")));
  }

  TEST_CASE("what destructors discard goes without the hook, and without a word") {
    const TempDir temp;
    std::filesystem::create_directory(temp.path("tree"));
    put(temp.path("tree/a"), "x");
    put(temp.path("file"), "x");
    set_fault_hook([](std::string_view, std::string_view) { return EIO; });
    discard_tree(temp.path("tree"));
    discard_tree(temp.path("gone"));
    discard_file(temp.path("file"));
    discard_file(temp.path("gone"));
    set_fault_hook({});
    CHECK(std::filesystem::is_empty(temp.path()));
  }
}
