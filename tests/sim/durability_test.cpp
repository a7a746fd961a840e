// What a mirror believes of content that may not have reached the disk.

#include <cerrno>
#include <stdexcept>

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <recentd/error.hpp>

#include "support/mirror_scene.hpp"
#include "sys/fault.hpp"

using namespace recentd;
using namespace recentd::test;
using PassEnd = mirror::Pass::End;

namespace {

// Whatever a sync would have brought to the disk is zeros, with size and time as they should be.
void lose_content(MirrorScene& scene, const std::string& path) {
  struct stat facts {};
  REQUIRE(::stat(scene.down.path(path).c_str(), &facts) == 0);
  scene.down.write(path, std::string(static_cast<std::size_t>(facts.st_size), '\0'));
  scene.down.set_mtime(path, facts.st_mtim.tv_sec, facts.st_mtim.tv_nsec);
}

struct DurabilityScene : MirrorScene {
  DurabilityScene() {
    options.places.fsync = Fsync::full;
    for (const char* path : {"a", "d/b", "d/c"}) put(path, std::string("content of ") + path);
  }
  ~DurabilityScene() { sys::set_fault_hook({}); }
  DurabilityScene(const DurabilityScene&) = delete;
  DurabilityScene& operator=(const DurabilityScene&) = delete;

  // The n-th sync of the file system from now on fails.
  static void fail_sync(int n) {
    sys::set_fault_hook([n](std::string_view operation, std::string_view) mutable {
      return operation == "syncfs" && --n == 0 ? ENOSPC : 0;
    });
  }
};

}  // namespace

TEST_SUITE("sim::durability") {
  TEST_CASE("content whose sync failed is written anew, whatever its size and time say") {
    DurabilityScene scene;
    DurabilityScene::fail_sync(1);
    CHECK_THROWS_AS(scene.pass(), Error);
    CHECK_FALSE(scene.index("RECENT-1h.yaml"));
    for (const char* path : {"a", "d/b", "d/c"}) lose_content(scene, path);
    scene.restart();
    CHECK(scene.pass() == PassEnd::up_to_date);
    CHECK(scene.equal());
    // Once only.
    const auto before = scene.upstream.written.size();
    scene.restart();
    CHECK(scene.pass() == PassEnd::up_to_date);
    CHECK(scene.upstream.written.size() == before);
  }

  TEST_CASE(
      "the same where size and time are recorded, which would settle it without a word to the upstream") {
    MirrorScene scene;
    scene.options.places.fsync = Fsync::full;
    scene.record = *Record::parse("size,mtime");
    for (const char* path : {"a", "d/b"}) scene.put(path, std::string("content of ") + path);
    DurabilityScene::fail_sync(1);
    CHECK_THROWS_AS(scene.pass(), Error);
    sys::set_fault_hook({});
    for (const char* path : {"a", "d/b"}) lose_content(scene, path);
    scene.restart();
    CHECK(scene.settle());
    CHECK(scene.equal());
  }

  TEST_CASE("what came before the machine went down, and was not synced, is written anew") {
    DurabilityScene scene;
    // Killed before its first sync, so that nothing is saved; then the machine loses what was not on the
    // disk.
    sys::set_fault_hook([](std::string_view operation, std::string_view) -> int {
      if (operation == "syncfs") throw std::runtime_error("killed");
      return 0;
    });
    CHECK_THROWS_AS(scene.pass(), std::runtime_error);
    sys::set_fault_hook({});
    lose_content(scene, "d/c");
    scene.down.write(".recentd/unfinished.boot", "another one");
    for (int start = 0; start < 3; ++start) scene.restart();
    CHECK(scene.settle());
    CHECK(scene.equal());
  }

  TEST_CASE("what the next batch brought while a sync failed is written anew, too") {
    DurabilityScene scene;
    scene.options.connect.max_files_per_connection = 1;
    // Newest first: d/c has come, and d/b comes while it is synced.
    sys::set_fault_hook([&](std::string_view operation, std::string_view) -> int {
      if (operation != "syncfs") return 0;
      struct stat facts {};
      REQUIRE(::stat(scene.up.path("d/b").c_str(), &facts) == 0);
      scene.down.write("d/b", std::string(static_cast<std::size_t>(facts.st_size), '\0'));
      scene.down.set_mtime("d/b", facts.st_mtim.tv_sec, facts.st_mtim.tv_nsec);
      return EIO;
    });
    CHECK_THROWS_AS(scene.pass(), Error);
    sys::set_fault_hook({});
    CHECK_FALSE(scene.down.read("a"));
    lose_content(scene, "d/c");
    scene.restart();
    CHECK(scene.settle());
    CHECK(scene.equal());
  }

  TEST_CASE("what is suspect stays so where the connection breaks before it was compared") {
    DurabilityScene scene;
    DurabilityScene::fail_sync(1);
    CHECK_THROWS_AS(scene.pass(), Error);
    for (const char* path : {"a", "d/b", "d/c"}) lose_content(scene, path);
    for (const char* path : {"d/c", "a"}) {
      scene.restart();
      scene.upstream.breaks_at = path;
      CHECK(scene.pass() == PassEnd::broken);
    }
    scene.upstream.breaks_at.clear();
    scene.restart();
    CHECK(scene.settle());
    CHECK(scene.equal());
  }

  TEST_CASE("what came without syncs is synced before it is called done on disk") {
    DurabilityScene scene;
    scene.options.places.fsync = Fsync::none;
    REQUIRE(scene.settle());
    scene.options.places.fsync = Fsync::full;
    int syncs = 0;
    sys::set_fault_hook([&](std::string_view operation, std::string_view) {
      if (operation == "syncfs") ++syncs;
      return 0;
    });
    scene.restart();
    CHECK(scene.settle());
    CHECK(syncs >= 1);
  }

  TEST_CASE("a file that is not suspect is left alone") {
    DurabilityScene scene;
    REQUIRE(scene.settle());
    const auto written = scene.upstream.written.size();
    scene.put("new", "1");
    DurabilityScene::fail_sync(1);
    CHECK_THROWS_AS(scene.pass(), Error);
    sys::set_fault_hook({});
    scene.restart();
    CHECK(scene.settle());
    CHECK(scene.upstream.written.size() == written + 2);  // "new", twice
    CHECK(scene.equal());
  }
}
