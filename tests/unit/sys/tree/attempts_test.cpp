#include "sys/tree/attempts.hpp"

#include <array>
#include <cerrno>

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sys/tree/dir.hpp"
#include "unit/sys/fault_hook.hpp"
#include "unit/sys/temp_dir.hpp"

using namespace recentd;
using namespace recentd::sys;
using namespace recentd::sys::test;

namespace {

std::string start_of(const std::string& path) {
  std::array<char, 4> buffer{};
  return {buffer.data(), read_start(path, buffer)};
}

}  // namespace

TEST_SUITE("sys::attempts") {
  TEST_CASE("what went well is 0, what did not the errno") {
    const TempDir temp;
    const auto directory = temp.path("d"), file = directory + "/file";
    CHECK(try_make_directory(directory, 0700) == 0);
    CHECK(try_make_directory(directory, 0700) == EEXIST);
    CHECK(try_write_file(file, "long text") == 0);
    CHECK(try_write_file(file, "text") == 0);
    CHECK(get(file) == "text");
    CHECK(try_write_file(temp.path("no/file"), "x") == ENOENT);
    CHECK(try_rmdir(directory) == ENOTEMPTY);
    CHECK(try_unlink(file) == 0);
    CHECK(try_unlink(file) == ENOENT);
    CHECK(try_rmdir(directory) == 0);
    CHECK(try_rmdir(directory) == ENOENT);
  }

  TEST_CASE("a rename never replaces") {
    const TempDir temp;
    put(temp.path("a"), "a");
    put(temp.path("b"), "b");
    CHECK(try_rename_new(temp.path("a"), temp.path("b")) == EEXIST);
    CHECK(get(temp.path("b")) == "b");
    CHECK(try_rename_new(temp.path("a"), temp.path("c")) == 0);
    CHECK(get(temp.path("c")) == "a");
    CHECK_FALSE(exists(temp.path("a")));
  }

  TEST_CASE("a touch sets the time of a link, not of what it leads to") {
    const TempDir temp;
    put(temp.path("file"), "x");
    const timespec old[2] = {{1000, 0}, {1000, 0}};
    REQUIRE(::utimensat(AT_FDCWD, temp.path("file").c_str(), old, 0) == 0);
    REQUIRE(::symlink("file", temp.path("link").c_str()) == 0);
    CHECK(try_touch(temp.path("link")) == 0);
    CHECK(lstat_path(temp.path("file"))->mtime_s == 1000);
    CHECK(try_touch(temp.path("file")) == 0);
    CHECK(lstat_path(temp.path("file"))->mtime_s > 1000);
    CHECK(try_touch(temp.path("gone")) == ENOENT);
  }

  TEST_CASE("the start of a file is read, never through a link") {
    const TempDir temp;
    put(temp.path("file"), "123456");
    put(temp.path("empty"), "");
    REQUIRE(::symlink("file", temp.path("link").c_str()) == 0);
    CHECK(start_of(temp.path("file")) == "1234");
    CHECK(start_of(temp.path("empty")).empty());
    CHECK(start_of(temp.path("link")).empty());
    CHECK(start_of(temp.path("gone")).empty());
    CHECK(start_of(temp.path()).empty());
  }

  TEST_CASE("whether names can be changed in a directory") {
    const TempDir temp;
    CHECK(try_change_names(temp.path()) == 0);
    CHECK(try_change_names(temp.path("gone")) == ENOENT);
  }

  TEST_CASE("the fault hook is asked before each of them") {
    const TempDir temp;
    const auto file = temp.path("file"), other = temp.path("other");
    put(file, "x");
    const auto failing = [](std::string_view operation, const auto& work) {
      const Failing hook(operation, EIO);
      return work();
    };
    CHECK(failing("mkdir", [&] { return try_make_directory(other, 0700); }) == EIO);
    CHECK(failing("unlink", [&] { return try_unlink(file); }) == EIO);
    CHECK(failing("rmdir", [&] { return try_rmdir(temp.path()); }) == EIO);
    CHECK(failing("rename", [&] { return try_rename_new(file, other); }) == EIO);
    CHECK(failing("utimens", [&] { return try_touch(file); }) == EIO);
    CHECK(failing("open", [&] { return try_write_file(other, "y"); }) == EIO);
    CHECK(failing("write", [&] { return try_write_file(file, "y"); }) == EIO);
    CHECK(failing("access", [&] { return try_change_names(temp.path()); }) == EIO);
    put(file, "x");
    CHECK(failing("open", [&] { return start_of(file); }).empty());
    CHECK(failing("read", [&] { return start_of(file); }).empty());
    CHECK(get(file) == "x");
    CHECK_FALSE(exists(other));
  }
}
