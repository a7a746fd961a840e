#include "target/staging.hpp"

#include <cerrno>

#include <doctest/doctest.h>
#include <sys/stat.h>

#include "support/tools/temp_tree.hpp"
#include "sys/fault.hpp"
#include "sys/tree/remove_tree.hpp"

using namespace recentd;
using namespace recentd::target;
using test::TempTree;
using transport::Outcome;

namespace {

struct Scene {
  TempTree tree{"reception"};
  std::string place = tree.make_directory("place"), target = tree.make_directory("target");
  transport::FetchResult result;

  void arrives(const std::string& name) const { tree.write("place/" + name, name); }
  // What became of each name.
  std::vector<Outcome> take(const std::vector<std::string>& names, std::vector<Outcome> before = {}) {
    before.resize(names.size(), Outcome::not_tried);
    result.outcomes = std::move(before);
    std::vector<RelPath> paths;
    for (const auto& name : names) paths.push_back(RelPath::parse(name, sys::any_name()).value());
    std::vector<const RelPath*> pointers;
    for (const auto& path : paths) pointers.push_back(&path);
    take_in(place, sys::Dir(target), pointers, result.outcomes);
    return result.outcomes;
  }
  [[nodiscard]] bool has(const std::string& name) const { return tree.exists("target/" + name); }
};

constexpr auto k_came = Outcome::transferred, k_not = Outcome::not_tried;

}  // namespace

TEST_SUITE("target::staging") {
  TEST_CASE("what was asked for comes in, by directories and one by one") {
    Scene scene;
    for (const char* name : {"new/a", "new/b", "new/deep/c", "old/d", "old/e", "top"}) scene.arrives(name);
    scene.tree.write("target/old/there", "x");
    const auto outcomes =
        scene.take({"top", "old/d", "new/a", "new/deep/c", "new/b", "old/e", "new/none", "none/f"});
    CHECK(outcomes == std::vector{k_came, k_came, k_came, k_came, k_came, k_came, k_not, k_not});
    for (const char* name : {"new/a", "new/b", "new/deep/c", "old/d", "old/e", "old/there", "top"})
      CHECK(scene.has(name));
    CHECK(scene.tree.read("target/new/a") == "new/a");
  }

  TEST_CASE("directories that were here get the modes that came, and keep what only this side knows") {
    Scene scene;
    for (const char* name : {"old/deep/a", "old/deep/b", "top/c"}) scene.arrives(name);
    for (const char* name : {"place/old", "place/old/deep"}) ::chmod(scene.tree.path(name).c_str(), 0751);
    scene.tree.make_directory("target/old/deep");
    ::chmod(scene.tree.path("target/old").c_str(), 01700);
    ::chmod(scene.tree.path("target/old/deep").c_str(), 0700);
    scene.take({"old/deep/a", "old/deep/b", "top/c"});
    const auto mode = [&](const char* name) { return sys::lstat_path(scene.tree.path(name)).value().mode; };
    CHECK(mode("target/old/deep") == 0751);
    CHECK(mode("target/old") == 01751);
    CHECK(mode("target") == 0755);
  }

  TEST_CASE("what was not asked for stays out, whatever comes with it") {
    Scene scene;
    for (const char* name : {"d/a", "d/b", "d/unasked", "e/a", "e/b", "e/sub/x", "g/a", "g/b", "unasked",
                             ".recentd/state", "RECENT-1h.yaml"})
      scene.arrives(name);
    scene.tree.make_directory("place/i/a");
    scene.tree.write("place/i/a/x", "x");
    scene.arrives("i/b");
    REQUIRE(::mkfifo((scene.place + "/g/fifo").c_str(), 0644) == 0);
    const auto outcomes = scene.take({"d/a", "d/b", "e/a", "e/b", "g/a", "g/b", "i/a", "i/b"});
    CHECK(outcomes == std::vector{k_came, k_came, k_came, k_came, k_came, k_came, k_not, k_came});
    for (const char* name :
         {"d/unasked", "e/sub", "g/fifo", "i/a", "unasked", ".recentd", "RECENT-1h.yaml"}) {
      CAPTURE(name);
      CHECK_FALSE(scene.has(name));
    }
  }

  TEST_CASE("what the transfer complained of does not come in") {
    Scene scene;
    for (const char* name : {"d/a", "d/b", "d/c"}) scene.arrives(name);
    const auto outcomes = scene.take({"d/a", "d/b", "d/c"}, {k_came, Outcome::failed, k_not});
    CHECK(outcomes == std::vector{k_came, Outcome::failed, k_came});
    CHECK_FALSE(scene.has("d/b"));
  }

  TEST_CASE("a directory that cannot be listed comes in file by file") {
    Scene scene;
    for (const char* name : {"d/a", "d/b"}) scene.arrives(name);
    sys::set_fault_hook([](std::string_view operation, std::string_view path) {
      return operation == "list" && path.ends_with("/d") ? EACCES : 0;
    });
    const auto outcomes = scene.take({"d/a", "d/b"});
    sys::set_fault_hook({});
    CHECK(outcomes == std::vector{k_came, k_came});
    CHECK(scene.has("d/b"));
  }
}
