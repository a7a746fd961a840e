#include "sys/tree/paths.hpp"

#include <cerrno>

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <recentd/error.hpp>

#include "sys/tree/dir.hpp"
#include "unit/sys/fault_hook.hpp"
#include "unit/sys/temp_dir.hpp"

using namespace recentd;
using namespace recentd::sys;
using namespace recentd::sys::test;

TEST_SUITE("sys::paths") {
  TEST_CASE("an absolute path has no dots, and links are not looked at") {
    CHECK(absolute_path("/a//b/./c/../d") == "/a/b/d");
    const auto here = std::filesystem::current_path().string();
    CHECK(absolute_path("x") == here + "/x");
    CHECK_THROWS_AS(absolute_path(""), Error);
    const Failing hook("getcwd", ENOENT);
    CHECK_THROWS_AS(absolute_path("x"), Error);
  }

  TEST_CASE("missing parents are made, what is there stays") {
    const TempDir temp;
    make_directories(temp.path("a/b/c"));
    CHECK(std::filesystem::is_directory(temp.path("a/b/c")));
    CHECK_NOTHROW(make_directories(temp.path("a/b/c")));
    put(temp.path("file"), "x");
    CHECK_THROWS_AS(make_directories(temp.path("file/d")), Error);
    const Failing hook("mkdir", ENOSPC);
    CHECK_THROWS_AS(make_directories(temp.path("e")), Error);
    CHECK_FALSE(exists(temp.path("e")));
  }

  TEST_CASE("a file is moved, to another file system as a copy") {
    const TempDir temp;
    put(temp.path("a"), "text");
    move_file(temp.path("a"), temp.path("b"));
    CHECK(get(temp.path("b")) == "text");
    REQUIRE(::chmod(temp.path("b").c_str(), 0640) == 0);
    REQUIRE(::symlink("nowhere", temp.path("link").c_str()) == 0);
    {
      const Failing other_file_system("rename", EXDEV);
      move_file(temp.path("b"), temp.path("c"));
      move_file(temp.path("link"), temp.path("moved"));
    }
    CHECK(get(temp.path("c")) == "text");
    CHECK((std::filesystem::status(temp.path("c")).permissions() == std::filesystem::perms(0640)));
    CHECK_FALSE(exists(temp.path("b")));
    CHECK(read_link(temp.path("moved")) == "nowhere");
    CHECK_FALSE(exists(temp.path("link")));
    CHECK_THROWS_AS(move_file(temp.path("gone"), temp.path("d")), Error);
  }

  TEST_CASE("what cannot be copied stays where it was") {
    const TempDir temp;
    put(temp.path("a"), "text");
    set_fault_hook([](std::string_view operation, std::string_view) {
      return operation == "rename" ? EXDEV : operation == "copy" ? ENOSPC : 0;
    });
    CHECK_THROWS_AS(move_file(temp.path("a"), temp.path("b")), Error);
    set_fault_hook({});
    CHECK(get(temp.path("a")) == "text");
  }
}
