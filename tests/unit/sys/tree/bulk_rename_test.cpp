#include "sys/tree/bulk_rename.hpp"

#include <cerrno>

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sys/fault.hpp"
#include "unit/sys/temp_dir.hpp"

using namespace recentd;
using namespace recentd::sys;
using recentd::sys::test::exists;
using recentd::sys::test::get;
using recentd::sys::test::put;
using recentd::sys::test::TempDir;

namespace {

RelPath rel(const std::string& text) {
  return RelPath::parse(text, Bookkeeping()).value();
}

// What arrived, where it is to go, and a directory that both could lead to.
struct Scene {
  Scene() {
    for (const char* name : {"from", "from/a", "from/a/b", "to", "out"})
      REQUIRE(::mkdir(outer.path(name).c_str(), 0755) == 0);
    put(path("from/a/b/f"), "new");
    put(path("from/top"), "new");
  }
  [[nodiscard]] std::string path(const std::string& name) const { return outer.path(name); }
  void link(const std::string& target, const std::string& name) const {
    REQUIRE(::symlink(target.c_str(), path(name).c_str()) == 0);
  }
  bool move(const std::string& name) const {
    return opened([&](BulkRename& c) { return c.move(rel(name)); });
  }
  bool move_directory(const std::string& name) const {
    return opened([&](BulkRename& c) { return c.move_directory(rel(name)); });
  }
  TempDir outer;

 private:
  template <class Action>
  bool opened(Action action) const {
    const Dir from(path("from")), to(path("to"));
    BulkRename bulk(from, to);
    return action(bulk);
  }
};

}  // namespace

TEST_SUITE("sys::bulk_rename") {
  TEST_CASE("files and links go to the same path, below parents like those they came from") {
    const Scene scene;
    REQUIRE(::chmod(scene.path("from/a").c_str(), 0711) == 0);
    scene.link("f", "from/a/b/link");
    put(scene.path("to/top"), "old");
    for (const char* name : {"a/b/f", "a/b/link", "top"}) CHECK(scene.move(name));
    CHECK(get(scene.path("to/a/b/f")) == "new");
    CHECK(get(scene.path("to/a/b/link")) == "new");
    CHECK(get(scene.path("to/top")) == "new");
    CHECK_FALSE(exists(scene.path("from/a/b/f")));
    struct stat facts {};
    REQUIRE(::stat(scene.path("to/a").c_str(), &facts) == 0);
    CHECK((facts.st_mode & 07777U) == 0711);
  }

  TEST_CASE("what is not that simple stays where it is") {
    const Scene scene;
    REQUIRE(::mkdir(scene.path("to/top").c_str(), 0755) == 0);  // in the way
    REQUIRE(::mkfifo(scene.path("from/a/fifo").c_str(), 0644) == 0);
    put(scene.path("to/file"), "x");
    REQUIRE(::mkdir(scene.path("from/file").c_str(), 0755) == 0);
    put(scene.path("from/file/f"), "new");
    for (const char* name : {"none", "none/f", "a", "a/fifo", "top", "file/f"}) {
      CAPTURE(name);
      CHECK_FALSE(scene.move(name));
    }
    set_fault_hook(
        [](std::string_view operation, std::string_view) { return operation == "rename" ? EIO : 0; });
    CHECK_FALSE(scene.move("a/b/f"));
    set_fault_hook({});
    CHECK(get(scene.path("from/a/b/f")) == "new");
  }

  TEST_CASE("no link on the way is followed, on neither side") {
    const Scene scene;
    scene.link(scene.path("out"), "to/a");
    CHECK_FALSE(scene.move("a/b/f"));
    CHECK_FALSE(scene.move_directory("a/b"));
    put(scene.path("out/secret"), "x");
    scene.link(scene.path("out"), "from/way");
    CHECK_FALSE(scene.move("way/secret"));
    CHECK_FALSE(scene.move_directory("way"));
    CHECK(get(scene.path("out/secret")) == "x");
    CHECK_FALSE(exists(scene.path("out/b")));
  }

  TEST_CASE("a directory whose files inherit its group takes none that was made elsewhere") {
    const Scene scene;
    REQUIRE(::mkdir(scene.path("to/a").c_str(), 0755) == 0);
    REQUIRE(::chmod(scene.path("to/a").c_str(), 02755) == 0);
    CHECK_FALSE(scene.move_directory("a/b"));
    CHECK_FALSE(scene.move("a/b/f"));
    CHECK(scene.move("top"));
    const Dir to(scene.path("to"));
    for (const char* inheriting : {"a", "a/b", "a/none/deeper"})
      CHECK_FALSE(takes_files_from_elsewhere(to, inheriting));
    for (const char* plain : {"", "none", "none/deeper"}) CHECK(takes_files_from_elsewhere(to, plain));
    scene.link(scene.path("out"), "to/way");
    put(scene.path("to/file"), "x");
    for (const char* no : {"way", "way/x", "file", "file/x"}) CHECK_FALSE(takes_files_from_elsewhere(to, no));
    CHECK_FALSE(takes_files_from_elsewhere(Dir("/"), "proc"));
  }

  TEST_CASE("a whole directory goes where none is") {
    const Scene scene;
    CHECK_FALSE(scene.move_directory("top"));
    CHECK(scene.move_directory("a/b"));
    CHECK(get(scene.path("to/a/b/f")) == "new");
    REQUIRE(::mkdir(scene.path("from/a/b").c_str(), 0755) == 0);
    put(scene.path("from/a/b/g"), "new");
    CHECK_FALSE(scene.move_directory("a/b"));
    CHECK(scene.move("a/b/g"));
  }
}
