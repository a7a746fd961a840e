#include "sys/tree/empty_place.hpp"

#include <cerrno>
#include <string>

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <recentd/error.hpp>

#include "sys/tree/remove_tree.hpp"
#include "unit/sys/fault_hook.hpp"
#include "unit/sys/temp_dir.hpp"

using namespace recentd;
using namespace recentd::sys;
using namespace recentd::sys::test;

namespace fs = std::filesystem;

namespace {

// Deeper than any path may be long.
void nest(const std::string& place, int depth) {
  int at = ::open(place.c_str(), O_RDONLY | O_DIRECTORY);
  for (int i = 0; i < depth; ++i) {
    REQUIRE(::mkdirat(at, "deep", 0700) == 0);
    const int next = ::openat(at, "deep", O_RDONLY | O_DIRECTORY);
    ::close(at);
    at = next;
  }
  ::close(at);
}

}  // namespace

TEST_SUITE("sys::empty_place") {
  TEST_CASE("a place is made, or emptied of whatever lies there; links are not followed") {
    const TempDir temp;
    const auto place = temp.path("place");
    make_empty_place(place);
    CHECK(fs::is_empty(place));
    put(temp.path("kept"), "x");
    put(place + "/file", "x");
    fs::create_directories(place + "/a/b/c");
    put(place + "/a/b/c/file", "x");
    put(place + "/a/lifted-1", "x");
    fs::create_directories(place + "/lifted-1/a");
    REQUIRE(::symlink("../kept", (place + "/a/b/link").c_str()) == 0);
    REQUIRE(::symlink("..", (place + "/a/up").c_str()) == 0);
    REQUIRE(::mkfifo((place + "/a/fifo").c_str(), 0) == 0);
    make_empty_place(place);
    CHECK(fs::is_empty(place));
    CHECK(get(temp.path("kept")) == "x");
  }

  TEST_CASE("neither modes nor depth keep it from being emptied") {
    const TempDir temp;
    const auto place = temp.path("place");
    fs::create_directories(place + "/a/b/c");
    put(place + "/a/b/c/file", "x");
    for (const char* directory : {"/a/b/c", "/a/b", "/a", ""})
      REQUIRE(::chmod((place + directory).c_str(), 0) == 0);
    make_empty_place(place);
    CHECK(fs::is_empty(place));
    nest(place, 3000);
    make_empty_place(place);
    CHECK(fs::is_empty(place));
  }

  TEST_CASE("a file or link that has the place's name gives way to it") {
    const TempDir temp;
    put(temp.path("file"), "x");
    fs::create_directory(temp.path("elsewhere"));
    put(temp.path("elsewhere/kept"), "x");
    REQUIRE(::symlink("elsewhere", temp.path("link").c_str()) == 0);
    for (const char* name : {"file", "link"}) {
      make_empty_place(temp.path(name));
      CHECK(fs::symlink_status(temp.path(name)).type() == fs::file_type::directory);
    }
    CHECK(exists(temp.path("elsewhere/kept")));
  }

  TEST_CASE("what cannot be removed is told") {
    const TempDir temp;
    fs::create_directories(temp.path("place/a/b"));
    for (const char* operation : {"unlink", "rmdir", "chmod", "rename"}) {
      const Failing hook(operation, EACCES);
      put(temp.path("place/a/file"), "x");
      fs::create_directories(temp.path("place/a/b/c"));
      CHECK_THROWS_AS(make_empty_place(temp.path("place")), Error);
    }
    make_empty_place(temp.path("place"));
    CHECK(fs::is_empty(temp.path("place")));
  }

  TEST_CASE("what is removed as a whole may have any mode, too") {
    const TempDir temp;
    fs::create_directories(temp.path("tree/a/b"));
    for (const char* directory : {"tree/a/b", "tree/a"})
      REQUIRE(::chmod(temp.path(directory).c_str(), 0) == 0);
    remove_whatever(temp.path("tree"));
    CHECK_FALSE(exists(temp.path("tree")));
    fs::create_directories(temp.path("tree/a/b"));
    REQUIRE(::chmod(temp.path("tree/a").c_str(), 0) == 0);
    discard_tree(temp.path("tree"));
    CHECK_FALSE(exists(temp.path("tree")));
  }
}
