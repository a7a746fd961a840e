#include "origin/walk.hpp"

#include <cerrno>
#include <filesystem>

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <recentd/error.hpp>

#include "sys/fault.hpp"
#include "unit/recentfile/scratch.hpp"

using namespace recentd;
using namespace recentd::test;

namespace {

// Links in many directories, `-` and `/` among their names, to files of so many times; the paths.
Lines make_links(const Scratch& scratch, std::size_t links, std::size_t times) {
  for (std::size_t i = 0; i < times; ++i) {
    const std::string name = "time" + std::to_string(i);
    scratch.write(name, "");
    const struct timespec both[2] = {{1200000000 + static_cast<std::int64_t>(i), 0},
                                     {1200000000 + static_cast<std::int64_t>(i), 0}};
    REQUIRE(::utimensat(AT_FDCWD, (scratch.root + "/" + name).c_str(), both, 0) == 0);
  }
  Lines paths;
  for (std::size_t i = 0; i < links; ++i) {
    const std::string directory = std::string(i % 3 == 0 ? "a/b" : "a-b/") + std::to_string(i % 97);
    if (i < 291) std::filesystem::create_directories(scratch.root + "/" + directory);
    paths.push_back(directory + "/" + std::to_string(i * 7919 % links));
    const std::string file = scratch.root + "/time" + std::to_string(i % times);
    REQUIRE(::link(file.c_str(), (scratch.root + "/" + paths.back()).c_str()) == 0);
  }
  for (std::size_t i = 0; i < times; ++i) ::unlink((scratch.root + "/time" + std::to_string(i)).c_str());
  std::sort(paths.begin(), paths.end());
  return paths;
}

}  // namespace

TEST_SUITE("origin::walk") {
  TEST_CASE("every file is found once, the newest first, of one second by path") {
    for (const std::size_t times : {1, 7}) {
      for (const std::size_t links : {1, 500, 21000}) {
        const Scratch scratch;
        const Lines expected = make_links(scratch, links, times);
        const TreeFiles files = walk_tree(scratch.root, Bookkeeping("RECENT"), {}, [](const std::string&) {});
        CHECK(std::is_sorted(files.rows.begin(), files.rows.end(), ComesBefore{}));
        Lines found;
        for (const TreeFile& file : files.rows) found.emplace_back(file.path());
        std::sort(found.begin(), found.end());
        CHECK(found == expected);
      }
    }
  }

  TEST_CASE("a directory that we may not read is left out and told, other trouble is an error") {
    const Scratch scratch;
    for (const char* directory : {"a", "lost+found"}) {
      std::filesystem::create_directories(scratch.root + "/" + directory);
      scratch.write(std::string(directory) + "/f", "");
    }
    Lines told;
    const auto walk = [&](int errno_value) {
      sys::set_fault_hook([errno_value](std::string_view operation, std::string_view path) {
        return operation == "list" && path.ends_with("lost+found") ? errno_value : 0;
      });
      return walk_tree(scratch.root, Bookkeeping("RECENT"), {},
                       [&](const std::string& text) { told.push_back(text); });
    };
    CHECK(walk(EACCES).rows.size() == 1);
    REQUIRE(told.size() == 1);
    CHECK(told[0].find("'lost+found' cannot be read") != std::string::npos);
    CHECK_THROWS_AS(walk(EMFILE), Error);
    sys::set_fault_hook({});
  }

  TEST_CASE("below a directory only what is there is found, by the whole tree's rules and names") {
    const Scratch scratch;
    for (const char* name : {"a/1", "a/b/2", "a/.~tmp~/3", "a/RECENT-1h.yaml", "ab/4", "5"})
      scratch.write(name, "");
    const auto found = [&](const std::string& directory) {
      const TreeFiles files = walk_below(
          scratch.root, directory, Bookkeeping("RECENT"), [](const std::string&) {},
          [](std::string_view, int) { FAIL("unreadable"); });
      Lines paths;
      for (const TreeFile& file : files.rows) paths.emplace_back(file.path());
      std::sort(paths.begin(), paths.end());
      return paths;
    };
    CHECK(found("a") == Lines{"a/1", "a/RECENT-1h.yaml", "a/b/2"});
    CHECK(found("no").empty());
    REQUIRE(::symlink("a", (scratch.root + "/link").c_str()) == 0);
    CHECK(found("link").empty());
  }
}
