#include "delta/blocks/shelf.hpp"

#include <filesystem>

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <recentd/error.hpp>

#include "support/tools/temp_tree.hpp"
#include "sys/tree/remove_tree.hpp"
#include "unit/delta/blocks/blocks.hpp"

using namespace recentd;
using namespace recentd::blocks;
using recentd::test::TempTree;
using Renewed = Shelf::Renewed;

namespace {

// A tree whose files of 1000 bytes and more are large.
struct Scene {
  TempTree tree{"shelf"};
  sys::Dir root{tree.path()};
  Shelf shelf{root, "RECENT", 1000};

  static RelPath rel(const std::string& name) { return *RelPath::parse(name, sys::any_name()); }
  Renewed renew(const std::string& name, const std::string& epoch = {}) const {
    return shelf.renew(rel(name), epoch);
  }
  [[nodiscard]] std::string file(const std::string& name) const {
    return "RECENT.http/blocks/" + signature_name(name);
  }
  [[nodiscard]] std::optional<Version> told(const std::string& name) const {
    const auto text = tree.read(file(name));
    const auto signature = text ? parse_signature(*text) : std::nullopt;
    return signature ? std::optional(signature->version) : std::nullopt;
  }
  // Another file in its place, of the same size and time.
  void replace_unseen(const std::string& name, char by) const {
    struct stat facts {};
    REQUIRE(::stat(tree.path(name).c_str(), &facts) == 0);
    tree.write(name, std::string(static_cast<std::size_t>(facts.st_size), by));
    const timespec times[2] = {facts.st_mtim, facts.st_mtim};
    REQUIRE(::utimensat(AT_FDCWD, tree.path(name).c_str(), times, 0) == 0);
  }
};

}  // namespace

TEST_SUITE("delta::blocks::shelf") {
  TEST_CASE("a file that is large enough gets its signature, under a name that its path tells") {
    const Scene scene;
    scene.tree.write("d/large", std::string(1000, 'x'));
    scene.tree.write("small", std::string(999, 'x'));
    CHECK(signature_name("d/large").size() == 32);
    CHECK(scene.renew("small") == Renewed::none);
    CHECK(scene.renew("none") == Renewed::none);
    CHECK(scene.renew("d") == Renewed::none);
    CHECK_FALSE(scene.tree.exists("RECENT.http"));
    CHECK(scene.shelf.look(Scene::rel("d/large")) == Renewed::made);
    CHECK(scene.renew("d/large", "1700000000.5") == Renewed::made);
    const auto version = scene.told("d/large");
    REQUIRE(version);
    CHECK(version->path == "d/large");
    CHECK(version->bytes == 1000);
    CHECK(version->epoch == "1700000000.5");
    CHECK(scene.shelf.look(Scene::rel("d/large")) == Renewed::current);
    CHECK(scene.renew("d/large") == Renewed::current);
    CHECK(scene.tree.list("RECENT.http/blocks") == std::vector<std::string>{signature_name("d/large")});
  }

  TEST_CASE("a change shows also where size and time are what they were") {
    const Scene scene;
    scene.tree.write("f", std::string(5000, 'x'));
    REQUIRE(scene.renew("f") == Renewed::made);
    const auto before = scene.told("f").value();
    scene.replace_unseen("f", 'y');
    CHECK(scene.renew("f") == Renewed::made);
    const auto after = scene.told("f").value();
    CHECK(after.mtime_ns == before.mtime_ns);
    CHECK(after.digest != before.digest);
  }

  TEST_CASE("events are vouched for as long as the file is what was signed, and only upward") {
    const Scene scene;
    scene.tree.write("f", std::string(5000, 'x'));
    REQUIRE(scene.renew("f") == Renewed::made);
    CHECK(scene.told("f").value().epoch.empty());
    const auto vouch = [&](const char* epoch) {
      scene.shelf.vouch(Scene::rel("f"), *EpochView::parse(epoch));
    };
    vouch("1700000000.5");
    CHECK(scene.told("f").value().epoch == "1700000000.5");
    vouch("1600000000.5");
    CHECK(scene.told("f").value().epoch == "1700000000.5");
    vouch("17e8");  // no epoch that a head can have
    CHECK(scene.told("f").value().epoch == "1700000000.5");
    vouch("1700000001");
    CHECK(scene.told("f").value().epoch == "1700000001");
    CHECK(scene.renew("f", "1700000002") == Renewed::current);
    CHECK(scene.told("f").value().epoch == "1700000002");
    scene.replace_unseen("f", 'y');
    vouch("1700000009");
    CHECK(scene.told("f").value().epoch == "1700000002");
    scene.shelf.vouch(Scene::rel("none"), *EpochView::parse("1"));
  }

  TEST_CASE("what is no signature, or of another path, is made anew") {
    const Scene scene;
    scene.tree.write("f", std::string(5000, 'x'));
    scene.tree.write("g", std::string(5000, 'x'));
    REQUIRE(scene.renew("f") == Renewed::made);
    const auto text = scene.tree.read(scene.file("f")).value();
    scene.tree.write(scene.file("g"), text);
    CHECK(scene.renew("g") == Renewed::made);
    CHECK(scene.told("g").value().path == "g");
    scene.tree.write(scene.file("f"), text.substr(0, 20));
    CHECK(scene.renew("f") == Renewed::made);
    CHECK(scene.told("f").value().path == "f");
  }

  TEST_CASE("signatures go when no file has them, but not at once, and are looked at once an hour") {
    namespace fs = std::filesystem;
    const Scene scene;
    for (const char* name : {"kept", "gone", "changed", "young"}) {
      scene.tree.write(name, std::string(5000, 'x'));
      REQUIRE(scene.renew(name) == Renewed::made);
    }
    const auto age = [&](const std::string& file) {
      const auto path = scene.tree.path(file);
      fs::last_write_time(path, fs::last_write_time(path) - std::chrono::hours(2));
    };
    for (const char* name : {"kept", "gone", "changed"}) age(scene.file(name));
    scene.tree.write("RECENT.http/blocks/left.1-1.new", "half");
    age("RECENT.http/blocks/left.1-1.new");
    scene.tree.remove("gone");
    scene.tree.remove("young");
    scene.tree.write("changed", std::string(6000, 'x'));
    CHECK(scene.shelf.sweep(Shelf::When::hourly) == 3);
    CHECK(scene.told("kept"));
    CHECK(scene.told("young"));
    CHECK_FALSE(scene.tree.exists(scene.file("gone")));
    age(scene.file("young"));
    CHECK(scene.shelf.sweep(Shelf::When::hourly) == 0);
    age("RECENT.http/blocks/swept");
    CHECK(scene.shelf.sweep(Shelf::When::hourly) == 1);
    CHECK_FALSE(scene.tree.exists(scene.file("young")));
    scene.tree.remove("kept");
    age(scene.file("kept"));
    CHECK(scene.shelf.sweep(Shelf::When::now) == 1);
  }

  TEST_CASE("where nothing is offered nothing is looked at") {
    const Scene scene;
    CHECK(scene.shelf.sweep(Shelf::When::now) == 0);
    CHECK_FALSE(scene.tree.exists("RECENT.http"));
  }

  TEST_CASE("another's signature is kept as it is") {
    const Scene scene;
    const auto text = blocks::test::signature_text(std::string(3000, 'x'), 1024, 8, "d/f");
    scene.shelf.keep(parse_signature(text)->version, text);
    CHECK(scene.tree.read(scene.file("d/f")) == text);
  }

  TEST_CASE("a file in the way of the place is an error that names it") {
    const Scene scene;
    scene.tree.write("f", std::string(5000, 'x'));
    scene.tree.write("RECENT.http", "mine");
    try {
      (void)scene.renew("f");
      FAIL("no error");
    } catch (const Error& error) {
      CHECK(error.kind() == Kind::io);
      CHECK(std::string(error.what()).find("RECENT.http is no directory; move it away") != std::string::npos);
    }
    CHECK(scene.tree.read("RECENT.http") == "mine");
  }
}
