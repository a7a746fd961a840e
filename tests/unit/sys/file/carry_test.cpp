#include "sys/file/carry.hpp"

#include <cerrno>
#include <filesystem>

#include <doctest/doctest.h>

#include <recentd/error.hpp>

#include "support/tools/temp_tree.hpp"
#include "sys/fault.hpp"
#include "sys/tree/remove_tree.hpp"

using namespace recentd;
using namespace recentd::sys;
using recentd::test::TempTree;

namespace {

RelPath rel(const char* text) {
  return RelPath::parse(text, any_name()).value();
}

// Two trees between which no rename works, and a carrying that fails with this, if anything.
struct Scene {
  explicit Scene(int carry_failure = 0) {
    set_fault_hook([carry_failure](std::string_view operation, std::string_view) {
      return operation == "rename" ? EXDEV : operation == "carry" ? carry_failure : 0;
    });
  }
  Scene(const Scene&) = delete;
  Scene& operator=(const Scene&) = delete;
  ~Scene() { set_fault_hook({}); }
  Dir::Move move(const char* path) {
    return move_or_carry(Dir(from.path()), rel(path), Dir(to.path()), rel(path));
  }
  TempTree from{"from"}, to{"to"};
};

}  // namespace

TEST_SUITE("sys::carry") {
  TEST_CASE("a file is copied with mode and time, parents and all, and the original is gone") {
    Scene scene;
    const std::string bytes(200'000, 'x');
    const auto path = scene.from.write("d/e/a", bytes);
    std::filesystem::permissions(path, std::filesystem::perms(0640));
    scene.from.set_mtime("d/e/a", 1'700'000'000, 123);
    CHECK(scene.move("d/e/a") == Dir::Move::moved);
    CHECK(scene.to.read("d/e/a") == bytes);
    const auto facts = lstat_path(scene.to.path("d/e/a"));
    CHECK(facts->mtime_s == 1'700'000'000);
    CHECK(facts->mtime_ns == 123);
    CHECK(std::filesystem::status(scene.to.path("d/e/a")).permissions() == std::filesystem::perms(0640));
    CHECK_FALSE(scene.from.exists("d/e/a"));
  }

  TEST_CASE("a link is copied as a link") {
    Scene scene;
    scene.from.make_link("l", "nowhere/at/all");
    CHECK(scene.move("l") == Dir::Move::moved);
    CHECK(scene.to.link("l") == "nowhere/at/all");
    CHECK_FALSE(scene.from.link("l"));
  }

  TEST_CASE("nothing is replaced, and what is not there is told") {
    Scene scene;
    scene.from.write("a", "1");
    scene.to.write("a", "2");
    CHECK(scene.move("a") == Dir::Move::exists);
    CHECK(scene.to.read("a") == "2");
    CHECK(scene.from.read("a") == "1");
    CHECK(scene.move("none") == Dir::Move::absent);
  }

  TEST_CASE("a copy that fails leaves the original, and no half of it") {
    Scene scene(ENOSPC);
    scene.from.write("a", "1");
    CHECK_THROWS_AS(scene.move("a"), Error);
    CHECK(scene.from.read("a") == "1");
    CHECK_FALSE(scene.to.exists("a"));
  }
}
