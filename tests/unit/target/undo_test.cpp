#include "target/undo.hpp"

#include <cerrno>

#include <doctest/doctest.h>

#include <recentd/error.hpp>

#include "state/state_store.hpp"
#include "support/fake_clock.hpp"
#include "support/tools/temp_tree.hpp"
#include "sys/fault.hpp"
#include "sys/tree/remove_tree.hpp"
#include "target/quarantine.hpp"

using namespace recentd;
using namespace recentd::target;

namespace {

// A mirror's target from which files were deleted, in two rounds a day apart.
struct Scene {
  recentd::test::TempTree tree{"undo"};
  recentd::test::FakeClock clock{1'700'000'000};
  UndoOptions options;

  Scene() {
    options.target = tree.path("target");
    tree.write("target/.recentd/state", "");
    erase({"a", "d/b"}, "old");
    clock.set(clock.seconds() + 86'400);
    erase({"d/b", "d/c"}, "new");
    note_quarantine(options.target, tree.path("q"));
    tree.remove("target/.recentd/state");
    state::StateStore(tree.path("target/.recentd"), Fsync::none).save({});
  }
  void erase(const std::vector<std::string>& paths, const char* content) {
    const sys::Dir target(options.target);
    Quarantine quarantine(tree.path("q"), target, clock, Quarantine::Open::make);
    for (const auto& path : paths) {
      tree.write("target/" + path, content);
      REQUIRE(quarantine.take(RelPath::parse(path, sys::any_name()).value()) == sys::Dir::Move::moved);
    }
  }
  std::vector<std::string> listed() {
    std::vector<std::string> paths;
    list_quarantined(options, clock, [&](const Quarantined& file) { paths.push_back(file.path); });
    return paths;
  }
  UndoReport undo() { return undo_deletes(options, clock); }
  [[nodiscard]] std::optional<std::string> read(const std::string& path) const {
    return tree.read("target/" + path);
  }
};

using Paths = std::vector<std::string>;

}  // namespace

TEST_SUITE("target::undo") {
  TEST_CASE("the newest generation of each path comes back, the older ones stay") {
    Scene scene;
    CHECK(scene.listed().size() == 4);
    const auto report = scene.undo();
    CHECK(report.restored == 3);
    CHECK(report.in_the_way == 0);
    CHECK(scene.read("a") == "old");
    CHECK(scene.read("d/b") == "new");
    CHECK(scene.read("d/c") == "new");
    CHECK(scene.listed() == Paths{"d/b"});
  }

  TEST_CASE("files, directories and times are selected, and what is not there is told") {
    Scene scene;
    scene.options.paths = {"d/"};
    CHECK(scene.listed().size() == 3);
    scene.options.until = Utc(std::chrono::seconds(1'700'000'100));
    CHECK(scene.listed() == Paths{"d/b"});
    scene.options.paths = {"d/c"};
    CHECK_THROWS_WITH_AS(scene.listed(), doctest::Contains("of that time"), Error);
    scene.options.until.reset();
    scene.options.paths = {"../a"};
    CHECK_THROWS_AS(scene.undo(), Error);
  }

  TEST_CASE("nothing is replaced, unless by force, which keeps what was there") {
    Scene scene;
    scene.tree.write("target/a", "newer");
    scene.options.paths = {"a"};
    auto report = scene.undo();
    CHECK(report.in_the_way == 1);
    CHECK(report.examples == Paths{"a"});
    CHECK(scene.read("a") == "newer");
    scene.options.force = true;
    CHECK(scene.undo().restored == 1);
    CHECK(scene.read("a") == "old");
    CHECK(scene.listed() == Paths{"a"});  // the newer one
  }

  TEST_CASE("a file that cannot be moved back, or whose place is another mirror's, stops no other") {
    Scene scene;
    scene.tree.write("target/d/.recentd/state", "another mirror's");
    for (const bool rehearsal : {true, false}) {
      scene.options.dry_run = rehearsal;
      const auto report = scene.undo();
      CHECK(report.restored == 1);
      CHECK(report.failed == 2);
      REQUIRE(report.failures.size() == 2);
      for (const auto& line : report.failures)
        CHECK(line.ends_with(": its place is in another mirror's target now"));
    }
    CHECK(scene.read("a") == "old");
    CHECK_FALSE(scene.tree.exists("target/d/b"));
    scene.tree.remove("target/d");
    sys::set_fault_hook(
        [](std::string_view, std::string_view path) { return path.ends_with("d/b") ? EPERM : 0; });
    const auto report = scene.undo();
    sys::set_fault_hook({});
    CHECK(report.restored == 1);
    REQUIRE(report.failed == 1);
    CHECK(report.failures.at(0).find("'d/b': ") == 0);
    CHECK(scene.read("d/c") == "new");
    CHECK(scene.undo().restored == 1);
    CHECK(scene.read("d/b") == "new");
  }

  TEST_CASE("a rehearsal tells the same and moves nothing") {
    Scene scene;
    scene.options.dry_run = true;
    CHECK(scene.undo().restored == 3);
    CHECK_FALSE(scene.read("a"));
    CHECK(scene.listed().size() == 4);
  }

  TEST_CASE("what came back is not deleted by the next pass") {
    Scene scene;
    state::StateStore store(scene.tree.path("target/.recentd"), Fsync::none);
    state::MirrorState state;
    for (const char* path : {"a", "elsewhere"})
      state.deletes.emplace(path, state::PendingDelete{Epoch::parse("5").value(), "1h", false});
    store.save(state);
    scene.undo();
    const auto after = store.load();
    REQUIRE(after);
    CHECK(after->deletes.size() == 1);
    CHECK(after->deletes.contains("elsewhere"));
  }

  TEST_CASE("a directory that is no mirror, or never had a quarantine, has nothing to undo") {
    Scene scene;
    scene.tree.remove("target/.recentd/quarantine");
    CHECK_THROWS_WITH_AS(scene.undo(), doctest::Contains("never had a quarantine"), Error);
    scene.options.target = scene.tree.make_directory("other");
    CHECK_THROWS_WITH_AS(scene.undo(), doctest::Contains("is no mirror's target"), Error);
    scene.options.target = scene.tree.path("none");
    CHECK_THROWS_WITH_AS(scene.undo(), doctest::Contains("does not exist"), Error);
  }
}
