#include "sys/file/append_file.hpp"

#include <cerrno>

#include <doctest/doctest.h>

#include <recentd/error.hpp>

#include "unit/sys/fault_hook.hpp"
#include "unit/sys/temp_dir.hpp"

using namespace recentd;
using namespace recentd::sys;
using namespace recentd::sys::test;

TEST_SUITE("sys::append_file") {
  TEST_CASE("it grows, and follows its name when somebody rotates it") {
    const TempDir temp;
    const auto path = temp.path("log"), old = temp.path("log.1");
    put(path, "0\n");
    AppendFile file(path);
    file.append("1\n");
    file.follow_name();
    file.append("2\n");
    std::filesystem::rename(path, old);
    file.append("3\n");
    file.follow_name();
    file.append("4\n");
    CHECK(get(old) == "0\n1\n2\n3\n");
    CHECK(get(path) == "4\n");
  }

  TEST_CASE("if it cannot be opened anew the old one goes on") {
    const TempDir temp;
    const auto path = temp.path("log"), old = temp.path("log.1");
    AppendFile file(path);
    std::filesystem::rename(path, old);
    {
      const Failing hook("open", EACCES);
      file.follow_name();
      CHECK_THROWS_AS(AppendFile{path}, Error);
    }
    file.append("1\n");
    CHECK(get(old) == "1\n");
    CHECK_FALSE(exists(path));
    CHECK_THROWS_AS(AppendFile{temp.path("no/log")}, Error);
  }

  TEST_CASE("what cannot be written is lost") {
    const TempDir temp;
    const AppendFile file(temp.path("log"));
    {
      const Failing hook("write", ENOSPC);
      file.append("1\n");
    }
    file.append("2\n");
    CHECK(get(temp.path("log")) == "2\n");
  }
}
