#include "sys/tree/dir.hpp"

#include <algorithm>
#include <cerrno>
#include <initializer_list>

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <recentd/error.hpp>

#include "sys/fault.hpp"
#include "sys/tree/beneath.hpp"
#include "unit/sys/temp_dir.hpp"

using namespace recentd;
using namespace recentd::sys;
using recentd::sys::test::exists;
using recentd::sys::test::get;
using recentd::sys::test::put;
using recentd::sys::test::TempDir;

namespace {

RelPath rel(const std::string& text) {
  auto path = RelPath::parse(text, Bookkeeping());
  REQUIRE(path.has_value());
  return *path;
}

template <class Action>
Kind kind_of(Action action) {
  try {
    action();
  } catch (const Error& error) {
    return error.kind();
  }
  return Kind::internal;
}

// A root with a file at two depths, and links in it that lead to a directory outside.
class Trees {
 public:
  Trees() {
    for (const char* name : {"root", "root/a", "root/a/b", "root/a/b/c", "out", "out/d"}) {
      REQUIRE(::mkdir(outer_.path(name).c_str(), 0755) == 0);
    }
    put(path("a/b/f"), "inside");
    put(path("top"), "inside");
    put(outer_.path("out/f"), "outside");
    link(outer_.path("out"), "absolute");
    link("../out", "relative");
    link("../../out", "a/deep");
    link("a/b", "within");
    link("/proc/self/root" + outer_.path("out"), "magic");
  }
  [[nodiscard]] std::string root() const { return outer_.path("root"); }
  [[nodiscard]] std::string path(const std::string& name) const { return root() + "/" + name; }
  [[nodiscard]] bool outside_is_whole() const {
    return get(outer_.path("out/f")) == "outside" && exists(outer_.path("out/d"));
  }
  void link(const std::string& target, const std::string& name) const {
    REQUIRE(::symlink(target.c_str(), path(name).c_str()) == 0);
  }

 private:
  TempDir outer_;
};

class WalkGuard {
 public:
  explicit WalkGuard(Walk walk) { set_walk(walk); }
  ~WalkGuard() { set_walk(Walk::kernel); }
  WalkGuard(const WalkGuard&) = delete;
  WalkGuard& operator=(const WalkGuard&) = delete;
};

constexpr Walk k_walks[] = {Walk::kernel, Walk::components};
constexpr const char* k_leading_out[] = {"absolute", "relative", "a/deep", "within", "magic"};

}  // namespace

TEST_SUITE("sys::dir") {
  TEST_CASE("lstat finds names at any depth and describes them") {
    const Trees trees;
    for (const Walk walk : k_walks) {
      const WalkGuard guard(walk);
      const Dir dir(trees.root());
      const auto file = dir.lstat(rel("a/b/f"));
      REQUIRE(file);
      CHECK(file->type == FileType::regular);
      CHECK(file->size_bytes == 6);
      CHECK(dir.lstat(rel("top"))->type == FileType::regular);
      CHECK(dir.lstat(rel("a/b"))->type == FileType::directory);
      CHECK(dir.lstat(rel("a/deep"))->type == FileType::symlink);
      for (const char* absent : {"none", "a/none", "none/x", "top/x", "a/b/f/x"})
        CHECK_FALSE(dir.lstat(rel(absent)));
    }
  }

  TEST_CASE("no link on the way leads anywhere, for no operation") {
    const Trees trees;
    for (const Walk walk : k_walks) {
      const WalkGuard guard(walk);
      const Dir dir(trees.root());
      for (const std::string link : k_leading_out) {
        CAPTURE(link);
        CHECK_FALSE(dir.lstat(rel(link + "/f")));
        CHECK(dir.unlink(rel(link + "/f")) == Dir::Removal::absent);
        CHECK(dir.rmdir(rel(link + "/d")) == Dir::Removal::absent);
        CHECK(dir.rmdir(rel(link)) == Dir::Removal::absent);
        CHECK(dir.remove_empty_parents(rel(link + "/d/x")) == 0);
        CHECK_FALSE(dir.list(link));
        CHECK_FALSE(dir.list(link + "/d"));
      }
      CHECK(trees.outside_is_whole());
      CHECK(get(trees.path("a/b/f")) == "inside");
    }
  }

  TEST_CASE("an open file tells what a look at its name tells") {
    const TempDir temp;
    put(temp.path("file"), "12345");
    const Fd fd(::open(temp.path("file").c_str(), O_RDONLY));
    const auto open = facts_of_open(fd.get(), "file"), named = lstat_path(temp.path("file"));
    REQUIRE(open);
    CHECK(open->inode == named->inode);
    CHECK(open->size_bytes == 5);
    CHECK(open->type == FileType::regular);
    CHECK_FALSE(facts_of_open(-1, "none"));
  }

  TEST_CASE("a cached sees what lstat sees, in any order of names") {
    const Trees trees;
    const Dir dir(trees.root());
    CachedLstat cached(dir);
    std::vector<std::string> names = {"top",    "a",      "a/b/f",   "a/b",   "a/deep", "none",
                                      "none/x", "a/none", "a/b/f/x", "top/x", "a/b/f"};
    for (const std::string link : k_leading_out) names.insert(names.end(), {link, link + "/f", "a/b/f"});
    for (const auto& name : names) {
      CAPTURE(name);
      const auto seen = cached.lstat(rel(name)), expected = dir.lstat(rel(name));
      REQUIRE(seen.has_value() == expected.has_value());
      if (seen) CHECK(seen->inode == expected->inode);
    }
    set_fault_hook([](std::string_view, std::string_view) { return EIO; });
    CHECK(kind_of([&] { (void)cached.lstat(rel("top")); }) == Kind::io);
    set_fault_hook({});
  }

  TEST_CASE("list refuses what is no clean path, whichever way it walks") {
    const Trees trees;
    for (const Walk walk : k_walks) {
      const WalkGuard guard(walk);
      const Dir dir(trees.root());
      for (const char* bad : {"..", "../out", "a/../..", "/etc", "a//b", ".", "a/"}) {
        CAPTURE(bad);
        CHECK(kind_of([&] { (void)dir.list(bad); }) == Kind::refused);
      }
    }
  }

  TEST_CASE("the walk itself refuses to climb, without its callers' checks") {
    const Trees trees;
    const Dir dir(trees.root());
    for (const Walk walk : k_walks) {
      const WalkGuard guard(walk);
      for (const char* bad : {"..", "a/../../out", "/etc"}) {
        CAPTURE(bad);
        CHECK_FALSE(open_beneath(dir.fd(), bad, O_PATH).valid());
      }
    }
  }

  TEST_CASE("unlink removes files and links, never directories") {
    for (const Walk walk : k_walks) {
      const WalkGuard guard(walk);
      const Trees trees;
      const Dir dir(trees.root());
      CHECK(dir.unlink(rel("a/b/f")) == Dir::Removal::removed);
      CHECK(dir.unlink(rel("a/b/f")) == Dir::Removal::absent);
      CHECK(dir.unlink(rel("a/b")) == Dir::Removal::is_directory);
      CHECK(dir.unlink(rel("a")) == Dir::Removal::is_directory);
      CHECK(dir.unlink(rel("absolute")) == Dir::Removal::removed);
      CHECK_FALSE(exists(trees.path("absolute")));
      CHECK(trees.outside_is_whole());
    }
  }

  TEST_CASE("rmdir and remove_empty_parents take empty directories only, never the root") {
    for (const Walk walk : k_walks) {
      const WalkGuard guard(walk);
      const Trees trees;
      const Dir dir(trees.root());
      CHECK(dir.rmdir(rel("a")) == Dir::Removal::not_empty);
      CHECK(dir.rmdir(rel("top")) == Dir::Removal::absent);
      CHECK(dir.remove_empty_parents(rel("a/b/c/gone")) == 1);
      CHECK(dir.rmdir(rel("a/b/c")) == Dir::Removal::absent);
      CHECK(dir.unlink(rel("a/b/f")) == Dir::Removal::removed);
      CHECK(dir.unlink(rel("a/deep")) == Dir::Removal::removed);
      CHECK(dir.remove_empty_parents(rel("a/b/c/gone")) == 2);
      CHECK_FALSE(exists(trees.path("a")));
      CHECK(dir.remove_empty_parents(rel("top")) == 0);
      CHECK(exists(trees.root()));
    }
  }

  TEST_CASE("list tells names and types") {
    const Trees trees;
    REQUIRE(::mkfifo(trees.path("a/b/p").c_str(), 0600) == 0);
    const Dir dir(trees.root());
    auto entries = dir.list("a/b");
    REQUIRE(entries);
    std::sort(entries->begin(), entries->end(), [](const auto& x, const auto& y) { return x.name < y.name; });
    REQUIRE(entries->size() == 3);
    CHECK(entries->at(0).name == "c");
    CHECK(entries->at(0).type == FileType::directory);
    CHECK(entries->at(1).type == FileType::regular);
    CHECK(entries->at(2).type == FileType::other);
    CHECK(dir.list("")->size() == 6);
    CHECK(dir.list("a/b/c")->empty());
    CHECK_FALSE(dir.list("top"));
    CHECK_FALSE(dir.list("none"));
  }

  TEST_CASE("a root that is no directory is an error, a linked root is fine") {
    const Trees trees;
    CHECK(kind_of([&] { Dir dir(trees.path("none")); }) == Kind::missing);
    CHECK(kind_of([&] { Dir dir(trees.path("top")); }) == Kind::io);
    CHECK(Dir(trees.path("within")).lstat(rel("f")).has_value());
    CHECK(Dir(trees.path("within")).facts().inode == Dir(trees.path("a/b")).facts().inode);
    CHECK(Dir(trees.root()).facts().inode != Dir(trees.path("a")).facts().inode);
  }

  TEST_CASE("failures of the system are errors, not absence") {
    const Trees trees;
    const Dir dir(trees.root());
    set_fault_hook([](std::string_view, std::string_view) { return EIO; });
    CHECK(kind_of([&] { (void)dir.lstat(rel("top")); }) == Kind::io);
    CHECK(kind_of([&] { dir.unlink(rel("top")); }) == Kind::io);
    CHECK(kind_of([&] { dir.rmdir(rel("a")); }) == Kind::io);
    CHECK(kind_of([&] { (void)dir.list(""); }) == Kind::io);
    CHECK(kind_of([&] { (void)lstat_path(trees.root()); }) == Kind::io);
    CHECK(kind_of([&] { rename_file(trees.path("top"), trees.path("x")); }) == Kind::io);
    CHECK(kind_of([&] { link_file(trees.path("top"), trees.path("x")); }) == Kind::io);
    CHECK(kind_of([&] { unlink_file(trees.path("top")); }) == Kind::io);
    CHECK(kind_of([&] { make_directory(trees.path("x"), 0700); }) == Kind::io);
    set_fault_hook({});
    CHECK(get(trees.path("top")) == "inside");
  }

  TEST_CASE("move renames to below another root, makes the parents there and replaces nothing") {
    const Trees trees, others;
    for (const Walk walk : k_walks) {
      const WalkGuard guard(walk);
      const Dir from(trees.root()), to(others.root());
      put(trees.path("a/b/f"), "inside");
      CHECK(from.move(rel("a/b/f"), to, rel("new/deep/f")) == Dir::Move::moved);
      CHECK(get(others.path("new/deep/f")) == "inside");
      CHECK(from.move(rel("a/b/f"), to, rel("x")) == Dir::Move::absent);
      CHECK(from.move(rel("a/b/f/y"), to, rel("x")) == Dir::Move::absent);
      CHECK(from.move(rel("a/b"), to, rel("x")) == Dir::Move::is_directory);
      CHECK(from.move(rel("top"), to, rel("new/deep/f")) == Dir::Move::exists);
      CHECK(from.move(rel("top"), to, rel("new/deep")) == Dir::Move::exists);
      CHECK(from.move(rel("top"), to, rel("new/deep/f/y")) == Dir::Move::unreachable);
      CHECK(get(trees.path("top")) == "inside");
      CHECK(to.unlink(rel("new/deep/f")) == Dir::Removal::removed);
    }
  }

  TEST_CASE("move and below follow no link on either side") {
    const Trees trees, others;
    for (const Walk walk : k_walks) {
      const WalkGuard guard(walk);
      const Dir from(trees.root()), to(others.root());
      for (const std::string link : k_leading_out) {
        CAPTURE(link);
        CHECK(from.move(rel(link + "/f"), to, rel("x")) == Dir::Move::absent);
        CHECK(from.move(rel("top"), to, rel(link + "/new")) == Dir::Move::unreachable);
        CHECK_FALSE(from.below(rel(link)));
      }
      CHECK(trees.outside_is_whole());
      CHECK(others.outside_is_whole());
      CHECK(get(trees.path("top")) == "inside");
    }
  }

  TEST_CASE("a link moves as a link, and a directory below is a root of its own") {
    const Trees trees, others;
    const Dir from(trees.root()), to(others.root());
    CHECK(from.move(rel("within"), to, rel("moved")) == Dir::Move::moved);
    CHECK(read_link(others.path("moved")) == "a/b");
    const auto below = from.below(rel("a/b"));
    REQUIRE(below);
    CHECK(below->path() == trees.path("a/b"));
    CHECK(below->lstat(rel("f")));
    CHECK_FALSE(from.below(rel("none")));
    CHECK_FALSE(from.below(rel("top")));
    CHECK(from.make_directory(rel("a/made"), 0700));
    CHECK_FALSE(from.make_directory(rel("a/made"), 0700));
    CHECK(kind_of([&] { (void)from.make_directory(rel("none/made"), 0700); }) == Kind::io);
  }
}

TEST_SUITE("sys::names_on_disk") {
  TEST_CASE("modes are set below the root, of no link and through none") {
    TempDir dir;
    ::mkdir((dir.path() + "/d").c_str(), 0700);
    put(dir.path() + "/d/f", "x");
    ::symlink("d/f", (dir.path() + "/link").c_str());
    ::symlink("d", (dir.path() + "/way").c_str());
    const Dir root(dir.path());
    CHECK(root.try_set_mode(rel("d/f"), 0604) == 0);
    CHECK(root.lstat(rel("d/f"))->mode == 0604);
    CHECK(root.lstat(rel("d/f"))->owner == ::geteuid());
    CHECK(root.try_set_mode(rel("d"), 01750) == 0);
    CHECK(root.lstat(rel("d"))->mode == 01750);
    CHECK(root.try_set_mode(rel("link"), 0666) == ELOOP);
    CHECK(root.try_set_mode(rel("way/f"), 0666) != 0);
    CHECK(root.try_set_mode(rel("none"), 0666) == ENOENT);
    CHECK(root.lstat(rel("d/f"))->mode == 0604);
  }

  TEST_CASE("lstat_path sees the link, stat_path what it points at") {
    const Trees trees;
    CHECK(lstat_path(trees.path("within"))->type == FileType::symlink);
    CHECK(stat_path(trees.path("within"))->type == FileType::directory);
    CHECK_FALSE(lstat_path(trees.path("none")));
    CHECK_FALSE(stat_path(trees.path("top/x")));
    const timespec times[2] = {{0, UTIME_OMIT}, {1700000000, 123456789}};
    REQUIRE(::utimensat(AT_FDCWD, trees.path("top").c_str(), times, 0) == 0);
    CHECK(lstat_path(trees.path("top"))->mtime_s == 1700000000);
    CHECK(lstat_path(trees.path("top"))->mtime_ns == 123456789);
  }

  TEST_CASE("make_directory tells whether it made it") {
    const TempDir dir;
    CHECK(make_directory(dir.path("x"), 0700));
    CHECK_FALSE(make_directory(dir.path("x"), 0700));
    struct stat facts {};
    REQUIRE(::stat(dir.path("x").c_str(), &facts) == 0);
    CHECK((facts.st_mode & 0777) == 0700);
    CHECK(kind_of([&] { make_directory(dir.path("no/x"), 0700); }) == Kind::missing);
  }

  TEST_CASE("links are read, names renamed, linked and removed") {
    const Trees trees;
    CHECK(read_link(trees.path("relative")) == "../out");
    CHECK_FALSE(read_link(trees.path("top")));
    CHECK_FALSE(read_link(trees.path("none")));
    link_file(trees.path("top"), trees.path("second"));
    rename_file(trees.path("second"), trees.path("third"));
    CHECK(get(trees.path("third")) == "inside");
    CHECK(unlink_file(trees.path("third")));
    CHECK_FALSE(unlink_file(trees.path("third")));
    CHECK(kind_of([&] { rename_file(trees.path("none"), trees.path("x")); }) == Kind::missing);
    CHECK(kind_of([&] { unlink_file(trees.path("a")); }) == Kind::io);
  }

  TEST_CASE("real_path resolves links and dots") {
    const Trees trees;
    CHECK(real_path(trees.path("within/../b/./f")) == trees.path("a/b/f"));
    CHECK_FALSE(real_path(trees.path("none")));
  }
}
