#include "sys/tree/tree_walk.hpp"

#include <mutex>

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <recentd/error.hpp>

#include "sys/fault.hpp"
#include "unit/sys/temp_dir.hpp"

using namespace recentd;
using namespace recentd::sys;
using namespace recentd::sys::test;

namespace {

using Names = std::set<std::string>;

std::string joined(std::string_view directory, std::string_view name) {
  return directory.empty() ? std::string(name) : std::string(directory) + "/" + std::string(name);
}

// Everything that a walk tells, directories with a slash.
Names walk(const Dir& root, std::string_view start, unsigned threads, const std::string& stay_out_of = {}) {
  Names names;
  std::mutex mutex;
  TreeWalk options;
  options.threads = threads;
  options.visit = [&](unsigned worker, std::string_view directory, std::span<WalkEntry> entries) {
    const std::lock_guard lock(mutex);
    CHECK(worker < threads);
    for (auto& entry : entries) {
      const auto path = joined(directory, entry.name);
      entry.descend = path != stay_out_of;
      CHECK(names.insert(path + (entry.facts.type == FileType::directory ? "/" : "")).second);
    }
  };
  walk_tree(root, start, options);
  return names;
}

}  // namespace

TEST_SUITE("sys::tree_walk") {
  TEST_CASE("every name of a tree is told once, by any number of threads") {
    const TempDir temp;
    Names expected;
    for (int i = 0; i < 40; ++i) {
      const auto directory = temp.path() + "/d" + std::to_string(i);
      REQUIRE(::mkdir(directory.c_str(), 0755) == 0);
      expected.insert("d" + std::to_string(i) + "/");
      for (int j = 0; j < 100; ++j) {
        put(temp.path("d" + std::to_string(i) + "/f" + std::to_string(j)), "x");
        expected.insert("d" + std::to_string(i) + "/f" + std::to_string(j));
      }
    }
    const Dir root(temp.path());
    for (const unsigned threads : {1U, 2U, 7U}) CHECK(walk(root, "", threads) == expected);
    CHECK(walk(root, "d3", 2).size() == 100);
    CHECK(walk(root, "no", 2).empty());
    CHECK(walk(root, "d3/f1", 2).empty());
  }

  TEST_CASE("facts are those of the name itself, and links are not followed") {
    const TempDir temp;
    REQUIRE(::mkdir((temp.path() + "/d").c_str(), 0755) == 0);
    put(temp.path("d/file"), "12345");
    REQUIRE(::symlink("..", (temp.path() + "/d/loop").c_str()) == 0);
    REQUIRE(::mkfifo((temp.path() + "/d/fifo").c_str(), 0600) == 0);
    const Dir root(temp.path());
    CHECK(walk(root, "", 2) == Names{"d/", "d/file", "d/loop", "d/fifo"});
    CHECK(walk(root, "d/loop", 2).empty());
    TreeWalk options;
    options.visit = [&](unsigned, std::string_view, std::span<WalkEntry> entries) {
      for (const auto& entry : entries) {
        const auto facts = lstat_path(temp.path() + "/d/" + std::string(entry.name));
        REQUIRE(facts);
        CHECK(entry.facts.type == facts->type);
        CHECK(entry.facts.size_bytes == facts->size_bytes);
        CHECK(entry.facts.mtime_s == facts->mtime_s);
        CHECK(entry.facts.mtime_ns == facts->mtime_ns);
        CHECK(entry.facts.inode == facts->inode);
        CHECK(entry.facts.device == facts->device);
      }
    };
    walk_tree(root, "d", options);
    options.facts = TreeWalk::Facts::type;
    options.visit = [&](unsigned, std::string_view, std::span<WalkEntry> entries) {
      for (const auto& entry : entries)
        CHECK(entry.facts.type == lstat_path(temp.path() + "/d/" + std::string(entry.name))->type);
    };
    walk_tree(root, "d", options);
  }

  TEST_CASE("the visitor says where not to go, and its error ends the walk") {
    const TempDir temp;
    for (const char* name : {"a", "a/b", "c"})
      REQUIRE(::mkdir((temp.path() + "/" + name).c_str(), 0755) == 0);
    put(temp.path("a/b/f"), "x");
    const Dir root(temp.path());
    CHECK(walk(root, "", 2, "a") == Names{"a/", "c/"});
    TreeWalk options;
    options.visit = [](unsigned, std::string_view directory, std::span<WalkEntry>) {
      if (directory == "a/b") throw Error(Kind::refused, "enough");
    };
    CHECK_THROWS_WITH_AS(walk_tree(root, "", options), "enough", Error);
  }

  TEST_CASE("what cannot be read is told, or is an error") {
    const TempDir temp;
    for (const char* name : {"a", "b"}) REQUIRE(::mkdir((temp.path() + "/" + name).c_str(), 0755) == 0);
    put(temp.path("b/f"), "x");
    const Dir root(temp.path());
    set_fault_hook([](std::string_view operation, std::string_view path) {
      return operation == "list" && path == "a" ? EACCES : 0;
    });
    TreeWalk options;
    options.visit = [](unsigned, std::string_view, std::span<WalkEntry>) {};
    CHECK_THROWS_AS(walk_tree(root, "", options), Error);
    Names told;
    options.unreadable = [&](std::string_view directory, int error) {
      told.insert(std::string(directory));
      CHECK(error == EACCES);
    };
    walk_tree(root, "", options);
    set_fault_hook({});
    CHECK(told == Names{"a"});
  }
}
