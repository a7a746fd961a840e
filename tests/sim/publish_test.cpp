// What readers behind a published link see while the mirror is killed, or its disk fails, at any moment: one
// set, whole.

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <stdexcept>

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <recentd/error.hpp>

#include "support/mirror_scene.hpp"
#include "support/tools/points.hpp"
#include "sys/fault.hpp"
#include "sys/process/identity.hpp"
#include "target/generations/owed_changes.hpp"
#include "target/undo.hpp"

using namespace recentd;
using namespace recentd::test;
using PassEnd = mirror::Pass::End;

namespace {

namespace fs = std::filesystem;

constexpr int k_group = 4;

// A tree whose files belong together: a group of the version's own, a list of it, and a file that is there
// for good.
class PublishScene : public MirrorScene {
 public:
  explicit PublishScene(PublishOptions::By by = PublishOptions::By::link) {
    options.publish = {.link = place.path("pub"), .grace = std::chrono::seconds(0), .by = by};
    put("stays", "s");
    step();
  }
  ~PublishScene() { sys::set_fault_hook({}); }
  PublishScene(const PublishScene&) = delete;
  PublishScene& operator=(const PublishScene&) = delete;

  // The next version replaces the one before.
  void step() {
    ++version_;
    for (int i = 0; i < k_group; ++i) put(member(version_, i), std::to_string(version_));
    put(list(version_), "list");
    if (version_ == 1) return;
    for (int i = 0; i < k_group; ++i) remove(member(version_ - 1, i));
    remove(list(version_ - 1));
  }

  // Why what LINK leads to is no whole set; empty: it is one.
  [[nodiscard]] std::string flaw() const {
    for (int version = 1; version <= version_; ++version)
      if (seen(list(version))) return flaw_of(version);
    return "no list at all";
  }
  [[nodiscard]] int version_shown() const {
    for (int version = version_; version > 0; --version)
      if (seen(list(version))) return version;
    return 0;
  }
  [[nodiscard]] bool link_is_there() const { return place.link("pub").has_value(); }
  [[nodiscard]] std::string shown(const std::string& name = {}) const { return place.path("pub/" + name); }
  [[nodiscard]] bool published() const {
    return differences(up.path(), fs::canonical(shown()).string()).empty();
  }
  [[nodiscard]] int version() const { return version_; }
  [[nodiscard]] bool seen(const std::string& name) const {
    struct stat facts {};
    return ::lstat(shown(name).c_str(), &facts) == 0;
  }
  static std::string member(int version, int i) {
    return "v" + std::to_string(version) + "/" + std::to_string(i);
  }

  TempTree place{"published"};

 private:
  static std::string list(int version) { return "list-" + std::to_string(version); }
  [[nodiscard]] std::string flaw_of(int version) const {
    for (int i = 0; i < k_group; ++i)
      if (read_file(shown(member(version, i))) != std::to_string(version))
        return member(version, i) + " is missing";
    if (read_file(shown("stays")) != "s") return "stays is missing";
    std::string more;
    for (const auto& entry : fs::directory_iterator(shown())) {
      const auto name = entry.path().filename().string();
      if (name != list(version) && name != "v" + std::to_string(version) && name != "stays" &&
          !name.starts_with("RECENT"))
        more += name + " is too much\n";
    }
    const auto index = read_file(shown("RECENT-1h.yaml")).value_or("");
    if (index.find("path: " + list(version)) == std::string::npos) return "the index is of another version";
    const auto next = index.find("path: " + list(version + 1));
    return next == std::string::npos ? more : "the index is of a later version";
  }

  int version_ = 0;
};

// Calls `work` with `act` at the n-th operation, n = first, first + step ... until there is none. Returns how
// many.
int at_each_operation(PublishScene& scene, int first, int (*act)(), const std::function<void()>& after) {
  int tried = 0;
  for (int n = first;; n += next_point()) {
    scene.step();
    bool met = false;
    sys::set_fault_hook([&, left = n](std::string_view, std::string_view) mutable {
      if (--left != 0) return 0;
      met = true;
      return act();
    });
    try {
      scene.pass();
    } catch (const std::exception&) {
      // What the next run makes of it counts.
    }
    sys::set_fault_hook({});
    after();
    if (!met) return tried;
    ++tried;
  }
}

int die() {
  throw std::runtime_error("killed");
}
int no_space() {
  return ENOSPC;
}
int broken_disk() {
  return EIO;
}

void goes_on_from_nothing(PublishScene& scene) {
  scene.restart();
  REQUIRE(scene.settle());
  CHECK(scene.version_shown() == scene.version());
  CHECK(scene.published());
}

void goes_on(PublishScene& scene) {
  if (const auto flaw = scene.flaw(); flaw != "") FAIL_CHECK(flaw);
  goes_on_from_nothing(scene);
}

}  // namespace

TEST_SUITE("sim::publish") {
  TEST_CASE("readers see each state once it is whole, and what they have open stays") {
    PublishScene scene;
    REQUIRE(scene.settle());
    CHECK(scene.flaw() == "");
    CHECK(scene.published());
    CHECK(scene.equal());
    const auto before = fs::canonical(scene.shown());
    scene.step();
    scene.upstream.unreadable = {PublishScene::member(2, 1)};
    (void)scene.pass();
    CHECK(scene.down.exists(PublishScene::member(2, 0)));
    CHECK(fs::canonical(scene.shown()) == before);
    CHECK(scene.flaw() == "");
    scene.upstream.unreadable.clear();
    scene.wait(3600);
    REQUIRE(scene.settle());
    CHECK(scene.version_shown() == 2);
    CHECK(fs::canonical(scene.shown()) != before);
    CHECK(fs::exists(before / PublishScene::member(1, 0)));
  }

  TEST_CASE("a pass without news switches nothing") {
    PublishScene scene;
    REQUIRE(scene.settle());
    const auto before = fs::canonical(scene.shown());
    for (int i = 0; i < 3; ++i) CHECK((scene.wait(7200), scene.pass()) == PassEnd::up_to_date);
    scene.restart();
    REQUIRE(scene.settle());
    CHECK(fs::canonical(scene.shown()) == before);
  }

  TEST_CASE("killed at any operation, the link leads to a whole set, and the next run goes on by itself") {
    for (const auto by : {PublishOptions::By::link, PublishOptions::By::copy}) {
      PublishScene scene(by);
      REQUIRE(scene.settle());
      const int tried = at_each_operation(scene, 1, die, [&] { goes_on(scene); });
      CHECK(tried > 30);
      MESSAGE("killed at ", tried, " operations");
    }
  }

  TEST_CASE("the first set, killed at any operation: there is no link, or a whole set") {
    int n = 1;
    for (bool met = true; met; n += next_point()) {
      PublishScene scene;
      met = false;
      sys::set_fault_hook([&, left = n](std::string_view, std::string_view) mutable {
        if (--left != 0) return 0;
        met = true;
        return die();
      });
      try {
        scene.pass();
      } catch (const std::exception&) {
        // Killed.
      }
      sys::set_fault_hook({});
      if (scene.link_is_there()) CHECK(scene.flaw() == "");
      goes_on_from_nothing(scene);
    }
  }

  TEST_CASE(
      "a disk that is full or fails at any operation: the set before stays, and the next pass goes on") {
    for (int (*const act)() : {no_space, broken_disk}) {
      PublishScene scene;
      REQUIRE(scene.settle());
      const int tried = at_each_operation(scene, 2, act, [&] { goes_on(scene); });
      CHECK(tried > 30);
      MESSAGE("failed at ", tried, " operations");
    }
  }

  TEST_CASE("after another boot, or with its notes gone, one walk finds what changed") {
    for (const char* note : {"owed-1", "owed-2"}) {
      PublishScene scene;
      REQUIRE(scene.settle());
      scene.step();
      REQUIRE(scene.settle());
      scene.end();
      if (scene.down.exists(std::string(".recentd/generations/") + note))
        scene.down.write(std::string(".recentd/generations/") + note, "recentd 1 another boot\n");
      for (int i = 0; i < 2; ++i) {
        scene.step();
        REQUIRE(scene.settle());
        CHECK(scene.flaw() == "");
        CHECK(scene.published());
      }
    }
  }

  TEST_CASE("a set that was left stays for the grace, the mirror goes on, and says so once") {
    PublishScene scene;
    scene.options.publish.grace = std::chrono::seconds(300);
    REQUIRE(scene.settle());
    scene.step();
    REQUIRE(scene.settle());
    REQUIRE(scene.version_shown() == 2);
    scene.step();
    REQUIRE(scene.settle());
    CHECK(scene.down.exists(PublishScene::member(3, 0)));
    CHECK(scene.version_shown() == 2);
    CHECK(scene.flaw() == "");
    scene.wait(400);
    REQUIRE(scene.settle());
    CHECK(scene.version_shown() == 3);
    CHECK(scene.published());
  }

  TEST_CASE("a reader who is still in it is waited for") {
    PublishScene scene;
    REQUIRE(scene.settle());
    const auto place = fs::canonical(scene.shown()).string();
    FILE* const reader = std::fopen((place + "/stays").c_str(), "r");
    scene.step();
    REQUIRE(scene.settle());
    scene.step();
    REQUIRE(scene.settle());
    CHECK(scene.version_shown() == 2);
    CHECK(fs::exists(place + "/" + PublishScene::member(1, 0)));
    std::fclose(reader);
    REQUIRE(scene.settle());
    CHECK(scene.version_shown() == 3);
  }

  TEST_CASE("deletes of the quarantine's, brought back by undo, are seen behind the link") {
    PublishScene scene;
    TempTree pen("pen");
    scene.options.deletes.quarantine = pen.path("q");
    scene.put("gone", "g");
    REQUIRE(scene.settle());
    scene.remove("gone");
    REQUIRE(scene.settle());
    CHECK_FALSE(scene.seen("gone"));
    scene.end();
    const auto report = target::undo_deletes({.target = scene.down.path(), .paths = {"gone"}}, scene.clock);
    CHECK(report.restored == 1);
    REQUIRE(scene.settle());
    CHECK(scene.seen("gone"));
  }

  TEST_CASE("modes that change here change nothing of the set that is shown") {
    PublishScene scene;
    REQUIRE(scene.settle());
    scene.end();
    const auto mode = [](const std::string& path) {
      struct stat facts {};
      REQUIRE(::stat(path.c_str(), &facts) == 0);
      return facts.st_mode & 0777;
    };
    const auto before = fs::canonical(scene.shown()).string() + "/stays";
    const auto was = mode(before);
    scene.options.files.chmod = *ModeRules::parse("F600");
    REQUIRE(scene.settle());
    CHECK(mode(scene.down.path("stays")) == 0600);
    CHECK(mode(before) == was);
    CHECK(mode(scene.shown("stays")) == 0600);
  }

  TEST_CASE("a set that somebody changed or removed is put right by what publishes next") {
    PublishScene scene;
    REQUIRE(scene.settle());
    scene.step();
    REQUIRE(scene.settle());
    fs::remove_all(fs::canonical(scene.shown()));
    REQUIRE(scene.settle());
    CHECK(scene.flaw() == "");
    CHECK(scene.published());
    fs::remove_all(scene.place.path(".pub.generations"));
    scene.restart();
    REQUIRE(scene.settle());
    CHECK(scene.flaw() == "");
  }

  TEST_CASE("without the option the link keeps the set that it led to, and taken up again it goes on") {
    PublishScene scene;
    REQUIRE(scene.settle());
    scene.end();
    const auto link = scene.options.publish.link;
    scene.options.publish.link.clear();
    scene.step();
    scene.announce("stays", EventType::new_);
    REQUIRE(scene.settle());
    CHECK(scene.down.exists(PublishScene::member(2, 0)));
    CHECK(scene.version_shown() == 1);
    CHECK(read_file(scene.shown("stays")) == "s");
    scene.end();
    scene.options.publish.link = link;
    REQUIRE(scene.settle());
    CHECK(scene.version_shown() == 2);
    CHECK(scene.published());
  }

  TEST_CASE("a mirror that is there already is adopted without a transfer") {
    PublishScene scene;
    const auto link = std::exchange(scene.options.publish.link, "");
    REQUIRE(scene.settle());
    scene.end();
    const auto before = scene.upstream.written.size();
    scene.options.publish.link = link;
    REQUIRE(scene.settle());
    CHECK(scene.flaw() == "");
    CHECK(scene.published());
    CHECK(scene.upstream.written.size() <= before + 1);  // the index at most
  }
}
