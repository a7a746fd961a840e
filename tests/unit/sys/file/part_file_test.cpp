#include "sys/file/part_file.hpp"

#include <cerrno>

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <recentd/error.hpp>

#include "sys/fault.hpp"
#include "unit/sys/temp_dir.hpp"

using namespace recentd;
using namespace recentd::sys;
using namespace std::chrono_literals;
using recentd::sys::test::exists;
using recentd::sys::test::get;
using recentd::sys::test::put;
using recentd::sys::test::TempDir;

TEST_SUITE("sys::part_file") {
  TEST_CASE("bytes come piece by piece, and at last a time") {
    const TempDir dir;
    put(dir.path("f"), "left over");
    auto part = PartFile::create(dir.path("f"));
    part.append("one ");
    part.append("two");
    CHECK(part.size() == 7);
    part.set_time(784111777, 5);
    struct stat facts {};
    REQUIRE(::stat(dir.path("f").c_str(), &facts) == 0);
    CHECK(facts.st_mtim.tv_sec == 784111777);
    CHECK(facts.st_mtim.tv_nsec == 5);
    CHECK(get(dir.path("f")) == "one two");
    part.clear();
    part.append("anew");
    CHECK(get(dir.path("f")) == "anew");
  }

  TEST_CASE("it is gone on with behind so many bytes, if these are there") {
    const TempDir dir;
    put(dir.path("f"), "0123456789");
    auto part = PartFile::resume(dir.path("f"), 4);
    REQUIRE(part);
    CHECK(part->size() == 4);
    part->append("x");
    CHECK(get(dir.path("f")) == "0123x");
    CHECK_FALSE(PartFile::resume(dir.path("f"), 6));
    CHECK_FALSE(PartFile::resume(dir.path("none"), 0));
    REQUIRE(::symlink("f", dir.path("link").c_str()) == 0);
    CHECK_FALSE(PartFile::resume(dir.path("link"), 0));
  }

  TEST_CASE("a link gets its own time") {
    const TempDir dir;
    make_part_link(dir.path("l"), "some/where", 784111777s);
    struct stat facts {};
    REQUIRE(::lstat(dir.path("l").c_str(), &facts) == 0);
    CHECK(S_ISLNK(facts.st_mode));
    CHECK(facts.st_mtim.tv_sec == 784111777);
  }

  TEST_CASE("a full disk is told with the file's name") {
    const TempDir dir;
    auto part = PartFile::create(dir.path("f"));
    set_fault_hook(
        [](std::string_view operation, std::string_view) { return operation == "write" ? ENOSPC : 0; });
    CHECK_THROWS_WITH_AS(part.append("x"), doctest::Contains("/f"), Error);
    set_fault_hook({});
    CHECK_THROWS_AS(PartFile::create(dir.path("none/f")), Error);
  }
}
