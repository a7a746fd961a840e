// recentd promote: a mirror becomes an origin. And until then nobody writes its index.

#include <csignal>

#include <doctest/doctest.h>

#include <recentd/reading.hpp>

#include "support/snapshot.hpp"
#include "support/upstream.hpp"

using namespace recentd::test;

namespace {

using Words = std::vector<std::string>;

std::string line_with(const std::string& text, const std::string& key) {
  const auto at = text.find(key);
  return at == std::string::npos ? "" : text.substr(at, text.find('\n', at) - at);
}

// origin -> mirror (served as module `mid`) -> leaf
struct Scene {
  Scene() : upstream({{.name = "mid", .path = "mirror", .exclude = "/.recentd/"}}) {
    for (const char* name : {"a", "d/b", "d/c"}) upstream.put(name, name);
    upstream.init();
    REQUIRE(upstream.mirror("mirror").exit_code == 0);
  }
  [[nodiscard]] std::string mirror() const { return upstream.path("mirror"); }
  [[nodiscard]] ProgramResult promote(Words options = {}) const {
    options.insert(options.begin(), {"promote", mirror(), "--state", upstream.path("kept")});
    return run_recentd(options);
  }
  [[nodiscard]] ProgramResult follow_mirror(const Words& options = {}) {
    Words words = {"mirror", upstream.daemon().url("mid"), upstream.path("leaf"), "--fsync", "none"};
    words.insert(words.end(), options.begin(), options.end());
    return run_recentd(words);
  }
  Upstream upstream;
};

}  // namespace

TEST_SUITE("e2e::promote") {
  TEST_CASE("a promoted mirror is written like any origin, and its own mirrors notice nothing") {
    Scene scene;
    REQUIRE(scene.follow_mirror().exit_code == 0);
    const auto old_index = scene.upstream.place().read("mirror/RECENT-1h.yaml").value();
    const auto result = scene.promote({"-v"});
    CHECK(result.exit_code == 0);
    CHECK(result.err.find("it followed " + scene.upstream.url()) != std::string::npos);
    CHECK(scene.upstream.place().list("mirror/.recentd") == Words{"promoted"});
    CHECK(scene.upstream.place().read("mirror/RECENT-1h.yaml") == old_index);

    (void)scene.upstream.place().write("mirror/new", "n");
    CHECK(run_recentd({"update", scene.mirror(), "--new", "new"}).exit_code == 0);
    CHECK(run_recentd({"aggregate", scene.mirror(), "--force"}).exit_code == 0);
    const auto index = scene.upstream.place().read("mirror/RECENT-1h.yaml").value();
    CHECK(line_with(index, "dirtymark:") == line_with(old_index, "dirtymark:"));
    const auto events = recentd::recent_events(scene.mirror() + "/RECENT-1h.yaml");
    REQUIRE(events.size() >= 2);
    CHECK(events[0].path == "new");
    CHECK(events[0].epoch > events[1].epoch);

    const auto leaf = scene.follow_mirror({"-v"});
    CHECK(leaf.exit_code == 0);
    CHECK(leaf.err.find(" 1 file transferred, 0 unchanged") != std::string::npos);
    CHECK(difference(scene.mirror(), scene.upstream.path("leaf")) == "");
    CHECK(run_recentd({"verify", scene.mirror()}).exit_code == 0);
  }

  TEST_CASE("an incomplete mirror is refused, unless it is forced") {
    Scene scene;
    scene.upstream.place().remove("mirror/d/b");
    auto before = snapshot(scene.mirror());
    const auto result = scene.promote();
    CHECK(result.exit_code == 8);
    CHECK(result.err.find("missing d/b") != std::string::npos);
    CHECK(scene.promote({"--dry-run", "--force"}).exit_code == 0);
    auto after = snapshot(scene.mirror());
    for (auto* all : {&before, &after}) all->erase(".recentd/holder");
    CHECK(changes(before, after) == "");
    CHECK(scene.promote({"--force"}).exit_code == 0);
    CHECK(run_recentd({"update", scene.mirror(), "--delete", "d/b"}).exit_code == 0);
  }

  TEST_CASE("deletes that wait, and files that no index names") {
    Scene scene;
    scene.upstream.remove("a");
    scene.upstream.announce();
    CHECK(scene.upstream.mirror("mirror", {"--max-delete", "0"}).exit_code == 8);
    const auto waiting = scene.promote();
    CHECK(waiting.exit_code == 8);
    CHECK(waiting.err.find("1 delete queued") != std::string::npos);
    CHECK(scene.upstream.mirror("mirror", {"--accept-deletes"}).exit_code == 0);
    (void)scene.upstream.place().write("mirror/stray", "harmless");
    CHECK(scene.promote().exit_code == 0);
    CHECK(scene.upstream.place().read("mirror/stray") == "harmless");
  }

  TEST_CASE("only a mirror that nobody works on is promoted, once, and its state is kept") {
    Scene scene;
    CHECK(run_recentd({"promote", scene.upstream.root()}).exit_code == 3);
    Program loop(
        {RECENTD_PROGRAM, "mirror", "--loop", "--fsync", "none", scene.upstream.url(), scene.mirror()});
    const auto holder = std::to_string(loop.pid()) + " ";
    REQUIRE(eventually([&] {
      return scene.upstream.place().read("mirror/.recentd/holder").value_or("").starts_with(holder);
    }));
    CHECK(scene.promote().exit_code == 5);
    loop.send(SIGTERM);
    loop.wait();
    CHECK(scene.promote().exit_code == 0);
    bool kept = false;
    for (const auto& name : scene.upstream.place().list("kept")) kept = kept || name.ends_with("/state");
    CHECK(kept);
    CHECK(scene.promote().exit_code == 3);
    // It may become a mirror again, if that is said.
    CHECK(scene.upstream.mirror("mirror").exit_code == 8);
    CHECK(scene.upstream.mirror("mirror", {"--adopt"}).exit_code == 0);
    CHECK(scene.upstream.mirror("mirror").exit_code == 0);
    CHECK_FALSE(scene.upstream.place().exists("mirror/.recentd/promoted"));
  }

  TEST_CASE(
      "the old configuration of a promoted mirror changes nothing, and says since when and how to go back") {
    Scene scene;
    REQUIRE(scene.promote().exit_code == 0);
    (void)scene.upstream.place().write("mirror/a", "newer");
    (void)scene.upstream.place().write("mirror/n", "n");
    REQUIRE(run_recentd({"update", scene.mirror(), "--new", "a", "--new", "n"}).exit_code == 0);
    const auto before = snapshot(scene.mirror());
    const auto service = scene.upstream.place().write(
        "recentd.yaml", "mirrors:\n  pub: {source: '" + scene.upstream.url() +
                            "', target: " + scene.mirror() + ", create: true}\n");
    for (const Words& line :
         {Words{"mirror", scene.upstream.url(), scene.mirror()},
          Words{"mirror", "--loop", scene.upstream.url(), scene.mirror()}, Words{"run", "-c", service}}) {
      const auto result = run_recentd(line);
      CHECK(result.exit_code == 8);
      CHECK(result.err.find("was made an origin at 20") != std::string::npos);
      CHECK(result.err.find("it had followed " + scene.upstream.url()) != std::string::npos);
      CHECK(result.err.find("--adopt") != std::string::npos);
    }
    CHECK(changes(before, snapshot(scene.mirror())) == "");
    // What was registered here since is not thrown away by a wish for another thing.
    const auto adopted = scene.upstream.mirror("mirror", {"--adopt"});
    CHECK(adopted.exit_code == 8);
    CHECK(adopted.err.find("--reset-state") != std::string::npos);
    CHECK(scene.upstream.place().read("mirror/a") == "newer");
    CHECK(run_recentd({"update", scene.mirror(), "--new", "n"}).exit_code == 0);
    CHECK(scene.upstream.mirror("mirror", {"--adopt", "--reset-state", "--prune"}).exit_code == 0);
    CHECK(scene.upstream.difference("mirror") == "");
  }

  TEST_CASE("what was deleted as a mirror, and what somebody put into the private directory, stays") {
    Scene scene;
    const auto pen = scene.upstream.path("pen");
    REQUIRE(scene.upstream.mirror("mirror", {"--quarantine", pen}).exit_code == 0);
    scene.upstream.remove("a");
    scene.upstream.announce();
    REQUIRE(scene.upstream.mirror("mirror", {"--quarantine", pen}).exit_code == 0);
    (void)scene.upstream.place().write("mirror/.recentd/notes/by the operator", "precious");
    REQUIRE(scene.promote().exit_code == 0);
    auto left = scene.upstream.place().list("mirror/.recentd");
    std::erase_if(left, [](const std::string& name) { return name.starts_with("notes"); });
    CHECK(left == Words{"promoted", "quarantine"});
    CHECK(scene.upstream.place().read("mirror/.recentd/notes/by the operator") == "precious");
    CHECK(run_program({"find", pen, "-name", "a"}).out.ends_with("/a\n"));
    const auto undo = run_recentd({"undo", scene.mirror(), "a"});
    CHECK(undo.exit_code == 8);
    CHECK(undo.err.find("in '" + pen + "'") != std::string::npos);
  }

  TEST_CASE(
      "a mirror whose directories lie behind links is refused, as an origin would tell them as deleted") {
    Scene scene;
    REQUIRE(run_program({"mv", scene.upstream.path("mirror/d"), scene.upstream.path("disk")}).exit_code == 0);
    scene.upstream.place().make_link("mirror/d", scene.upstream.path("disk"));
    REQUIRE(scene.upstream.mirror("mirror", {"--keep-dirlinks"}).exit_code == 0);
    const auto result = scene.promote();
    CHECK(result.exit_code == 8);
    CHECK(result.err.find("does not follow the link 'd'") != std::string::npos);
    CHECK(result.err.find("mount --bind " + scene.upstream.path("disk")) != std::string::npos);
    scene.upstream.place().remove("mirror/d");
    REQUIRE(run_program({"mv", scene.upstream.path("disk"), scene.upstream.path("mirror/d")}).exit_code == 0);
    CHECK(scene.promote().exit_code == 0);
  }

  TEST_CASE("nobody writes the index of a mirror's target, and the refusal names the upstream") {
    Scene scene;
    const auto before = scene.upstream.place().read("mirror/RECENT-1h.yaml");
    const std::string principal = scene.mirror() + "/RECENT-1h.yaml";
    for (const Words& line : {Words{"update", scene.mirror(), "--new", "a"}, Words{"update", scene.mirror()},
                              Words{"aggregate", scene.mirror(), "--force"}, Words{"init", scene.mirror()},
                              Words{"init", "--force", scene.mirror()}}) {
      CAPTURE(line[0]);
      const auto result = run_recentd(line);
      CHECK(result.exit_code == 8);
      CHECK(result.err.find("is a mirror of " + scene.upstream.url()) != std::string::npos);
    }
    for (const Words& line :
         {Words{"rrr-update", principal, "a"}, Words{"rrr-aggregate", "--force", principal},
          Words{"rrr-init", scene.mirror()}, Words{"rrr-init", "--force", scene.mirror()}}) {
      CAPTURE(line[0]);
      scene.upstream.place().remove(line[0]);
      scene.upstream.place().make_link(line[0], RECENTD_PROGRAM);
      Words words = line;
      words[0] = scene.upstream.path(line[0]);
      const auto result = run_program(words);
      CHECK(result.exit_code == 255);  // the only code that these know for a failure
      CHECK(result.err.find("is a mirror of " + scene.upstream.url()) != std::string::npos);
    }
    CHECK(scene.upstream.place().read("mirror/RECENT-1h.yaml") == before);
  }
}
