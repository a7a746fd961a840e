#include "sys/file/part_file.hpp"

#include <cerrno>

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <recentd/error.hpp>

#include "sys/fault.hpp"
#include "sys/file/pieces.hpp"
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

  TEST_CASE("or they come in any order, into a file that has its size already") {
    const TempDir dir;
    auto part = PartFile::create(dir.path("f"));
    part.resize(6);
    CHECK(part.size() == 6);
    part.write_at(4, "ef");
    part.write_at(0, "ab");
    CHECK(get(dir.path("f")) == std::string("ab\0\0ef", 6));
    part.write_at(2, "cd");
    CHECK(get(dir.path("f")) == "abcdef");
    set_fault_hook(
        [](std::string_view operation, std::string_view) { return operation == "write" ? ENOSPC : 0; });
    CHECK_THROWS_WITH_AS(part.write_at(0, "x"), doctest::Contains("/f"), Error);
    set_fault_hook(
        [](std::string_view operation, std::string_view) { return operation == "ftruncate" ? ENOSPC : 0; });
    CHECK_THROWS_WITH_AS(part.resize(9), doctest::Contains("/f"), Error);
    set_fault_hook({});
  }

  TEST_CASE("bytes of another file are copied, by whatever means the file system has") {
    const TempDir dir;
    std::string content;
    for (int i = 0; i < 700'000; ++i) content += static_cast<char>(i / 7);
    put(dir.path("other"), content);
    const Dir root(dir.path());
    const auto other = open_below(root, *RelPath::parse("other", Bookkeeping()));
    REQUIRE(other.valid());
    for (const int refusal : {0, EXDEV, EOPNOTSUPP}) {
      auto part = PartFile::create(dir.path("f"));
      part.resize(600'010);
      set_fault_hook([&](std::string_view operation, std::string_view) {
        return operation == "copy_file_range" ? refusal : 0;
      });
      part.copy_at(10, other, 100'000, 600'000);
      CHECK(get(dir.path("f")) == std::string(10, '\0') + content.substr(100'000));
      CHECK_THROWS_WITH_AS(part.copy_at(0, other, 699'999, 2), doctest::Contains("/f"), Error);
      set_fault_hook({});
    }
    auto part = PartFile::create(dir.path("f"));
    set_fault_hook([](std::string_view operation, std::string_view) {
      return operation == "copy_file_range" ? ENOSPC : 0;
    });
    CHECK_THROWS_WITH_AS(part.copy_at(0, other, 0, 1), doctest::Contains("/f"), Error);
    set_fault_hook({});
    CHECK_FALSE(open_below(root, *RelPath::parse("none", Bookkeeping())).valid());
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
