#include "sys/tree/temp_directory.hpp"

#include <cerrno>

#include <doctest/doctest.h>

#include <recentd/error.hpp>

#include "unit/sys/fault_hook.hpp"
#include "unit/sys/temp_dir.hpp"

using namespace recentd;
using namespace recentd::sys;
using namespace recentd::sys::test;

TEST_SUITE("sys::temp_directory") {
  TEST_CASE("it is new, private, and goes with all that is in it") {
    const TempDir temp;
    std::string path;
    {
      const TempDirectory one(temp.path("x-")), two(temp.path("x-"));
      path = one.path();
      CHECK(path != two.path());
      CHECK(path.starts_with(temp.path("x-")));
      CHECK(path.size() == temp.path("x-").size() + 6);
      CHECK((std::filesystem::status(path).permissions() == std::filesystem::perms::owner_all));
      std::filesystem::create_directory(path + "/d");
      put(path + "/d/a\nb", "x");
    }
    CHECK_FALSE(exists(path));
    CHECK(std::filesystem::is_empty(temp.path()));
  }

  TEST_CASE("it cannot be made where there is no place") {
    const TempDir temp;
    CHECK_THROWS_AS(TempDirectory(temp.path("no/x-")), Error);
    const Failing hook("mkdir", ENOSPC);
    CHECK_THROWS_AS(TempDirectory(temp.path("x-")), Error);
  }

  TEST_CASE("the place for temporary files is the environment's") {
    const char* const before = ::getenv("TMPDIR");
    const std::string kept = before == nullptr ? "" : before;
    ::setenv("TMPDIR", "/somewhere", 1);
    CHECK(temp_place() == "/somewhere");
    ::unsetenv("TMPDIR");
    CHECK(temp_place() == "/tmp");
    if (!kept.empty()) ::setenv("TMPDIR", kept.c_str(), 1);
  }
}
