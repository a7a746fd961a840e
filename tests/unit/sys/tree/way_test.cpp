#include "sys/tree/way.hpp"

#include <cerrno>

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sys/tree/dir.hpp"
#include "unit/sys/temp_dir.hpp"

using namespace recentd;
using namespace recentd::sys;
using recentd::sys::test::exists;
using recentd::sys::test::put;
using recentd::sys::test::TempDir;

namespace {

RelPath rel(const std::string& text) {
  return RelPath::parse(text, Bookkeeping()).value();
}

unsigned mode(const std::string& path) {
  return lstat_path(path).value().mode;
}

// A root with a link where a directory was, and that directory elsewhere.
struct Linked {
  Linked() {
    for (const char* name : {"root", "root/inside", "disk", "disk/pool", "disk/pool/deep"})
      ::mkdir(dir.path(name).c_str(), 0755);
    put(dir.path("disk/pool/f"), "content");
    put(dir.path("disk/pool/deep/g"), "content");
    link("root/pool", dir.path("disk/pool"));
    link("root/inner", "inside");
  }
  void link(const std::string& name, const std::string& text) const {
    REQUIRE(::symlink(text.c_str(), dir.path(name).c_str()) == 0);
  }
  TempDir dir;
};

}  // namespace

TEST_SUITE("sys::way") {
  TEST_CASE("only a link whose words leave the tree is one that no transfer made") {
    CHECK(leads_out("pool", "/disk2/pool"));
    CHECK(leads_out("pool", "../disk2"));
    CHECK(leads_out("a/b/c", "../../../x"));
    CHECK(leads_out("a/b", "x/../../../y/../../z"));
    // What rsync calls unsafe although it stays inside.
    for (const char* text : {"", "sub/../x", "sub/..", "./../x"}) CHECK(leads_out("a/b", text));
    for (const char* text : {".", "..b", "a..", "...", "../", "sub//b"}) CHECK_FALSE(leads_out("a/b", text));
    CHECK_FALSE(leads_out("a/b/c", "../../x"));
    CHECK_FALSE(leads_out("pool", "other"));
    CHECK_FALSE(leads_out("s2/t", "../s1"));
    CHECK_FALSE(leads_out("a", "./b/./c"));
  }

  TEST_CASE("directories of ours are opened for the moment, and get their modes back under any name") {
    const TempDir dir;
    ::mkdir(dir.path("a").c_str(), 0755);
    ::mkdir(dir.path("a/b").c_str(), 0755);
    ::mkdir(dir.path("a/b/c").c_str(), 0755);
    ::chmod(dir.path("a/b/c").c_str(), 0555);
    ::chmod(dir.path("a/b").c_str(), 02000);
    const Dir root(dir.path());
    {
      OpenedUp opened(root.fd(), "a/b/c");
      CHECK(opened.any());
      CHECK(mode(dir.path("a/b")) == 02700);
      CHECK(mode(dir.path("a/b/c")) == 0755);
      REQUIRE(::rename(dir.path("a/b/c").c_str(), dir.path("moved").c_str()) == 0);
      OpenedUp taken = std::move(opened);
      CHECK(taken.any());
    }
    CHECK(mode(dir.path("a/b")) == 02000);
    CHECK(mode(dir.path("moved")) == 0555);
    CHECK(mode(dir.path("a")) == 0755);
    CHECK_FALSE(OpenedUp(root.fd(), "none/at/all").any());
    ::chmod(dir.path("a/b").c_str(), 0755);
  }

  TEST_CASE(
      "without the wish to follow it a link in a directory's place is told, and nothing behind it is seen") {
    const Linked scene;
    const Dir root(scene.dir.path("root"));
    CHECK(root.link_in_the_way("pool") == "pool");
    CHECK(root.link_in_the_way("pool/deep") == "pool");
    CHECK_FALSE(root.lstat(rel("pool/f")));
    CHECK(root.unlink(rel("pool/f")) == Dir::Removal::absent);
    for (const char* free : {"", "inside", "inner", "none", "none/at/all", "inner/x"})
      CHECK_FALSE(root.link_in_the_way(free));
    CachedLstat cached(root);
    CHECK_FALSE(cached.lstat(rel("pool/f")));
    CHECK(cached.link_in_the_way() == "pool");
    CHECK_FALSE(cached.lstat(rel("inner/f")));
    CHECK_FALSE(cached.link_in_the_way());
  }

  TEST_CASE("a link that is followed stands for its directory, for every operation") {
    const Linked scene;
    Dir root(scene.dir.path("root"));
    root.follow_links();
    CHECK(root.lstat(rel("pool/deep/g"))->size_bytes == 7);
    CachedLstat cached(root);
    CHECK(cached.lstat(rel("pool/f")));
    CHECK_FALSE(cached.link_in_the_way());
    CHECK_FALSE(root.link_in_the_way("pool/deep"));
    CHECK(root.links()->above("pool/deep/g") ==
          std::pair<std::string, std::string>("pool", scene.dir.path("disk/pool")));
    CHECK_FALSE(root.links()->above("pool"));
    CHECK_FALSE(root.links()->above("poolside/x"));
    const auto entries = root.list("").value();
    for (const auto& entry : entries) CHECK((entry.type == FileType::directory) == (entry.name != "inner"));
    CHECK(root.list("pool")->size() == 2);
    CHECK(root.unlink(rel("pool/deep/g")) == Dir::Removal::removed);
    CHECK(root.remove_empty_parents(rel("pool/deep/g")) == 1);
    CHECK_FALSE(exists(scene.dir.path("disk/pool/deep")));
    CHECK(exists(scene.dir.path("root/pool")));
  }

  TEST_CASE(
      "links that may have come with a transfer are never followed, nor those that lead back or nowhere") {
    const Linked scene;
    scene.link("root/back", scene.dir.path("root/inside"));
    scene.link("root/around", scene.dir.path());
    scene.link("root/nowhere", scene.dir.path("unmounted"));
    scene.link("root/file", scene.dir.path("disk/pool/f"));
    scene.link("disk/pool/safe", "deep");
    put(scene.dir.path("root/inside/h"), "x");
    Dir root(scene.dir.path("root"));
    root.follow_links();
    for (const char* name :
         {"inner/h", "back/h", "around/disk/pool/f", "nowhere/f", "file/f", "pool/safe/g"}) {
      CAPTURE(name);
      CHECK_FALSE(root.lstat(rel(name)));
      CHECK(root.unlink(rel(name)) == Dir::Removal::absent);
    }
    for (const char* name : {"back", "around", "nowhere", "file"}) CHECK(root.link_in_the_way(name) == name);
    CHECK_FALSE(root.link_in_the_way("pool/safe"));
  }

  TEST_CASE("behind a link there may be another one") {
    const Linked scene;
    ::mkdir(scene.dir.path("third").c_str(), 0755);
    put(scene.dir.path("third/h"), "x");
    scene.link("disk/pool/far", scene.dir.path("third"));
    Dir root(scene.dir.path("root"));
    root.follow_links();
    CHECK(root.lstat(rel("pool/far/h")));
    CHECK(root.links()->above("pool/far/h")->second == scene.dir.path("third"));
    CHECK(root.links()->above("pool/f")->second == scene.dir.path("disk/pool"));
    CHECK(root.links()->all().size() == 2);
  }

  TEST_CASE("a link of a stranger's is not followed") {
    if (::geteuid() != 0) return;
    const Linked scene;
    REQUIRE(::lchown(scene.dir.path("root/pool").c_str(), 12345, 12345) == 0);
    Dir root(scene.dir.path("root"));
    root.follow_links();
    CHECK_FALSE(root.lstat(rel("pool/f")));
    CHECK(root.link_in_the_way("pool") == "pool");
  }
}
