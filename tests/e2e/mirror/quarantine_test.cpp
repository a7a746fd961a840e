// Deletes that become renames, and their way back, over a real daemon.

#include <csignal>
#include <filesystem>

#include <doctest/doctest.h>
#include <sys/stat.h>

#include "support/upstream.hpp"

using namespace recentd::test;
namespace fs = std::filesystem;

namespace {

using Words = std::vector<std::string>;

// A mirrored tree whose mirror has a quarantine.
struct Scene {
  Scene() {
    upstream.put("keep", "k");
    upstream.put("d/one", "1");
    upstream.put("d/two", "2");
    upstream.put_link("link", "keep");
    upstream.init();
    REQUIRE(follow().exit_code == 0);
  }
  [[nodiscard]] std::string pen() const { return upstream.path("pen"); }
  ProgramResult follow(Words options = {}) const {
    options.insert(options.end(), {"--quarantine", pen()});
    return upstream.mirror("mirror", options);
  }
  void lose(const Words& names) {
    for (const auto& name : names) upstream.remove(name);
    upstream.announce();
    REQUIRE(follow().exit_code == 0);
    REQUIRE(upstream.difference("mirror").empty());
  }
  [[nodiscard]] ProgramResult undo(Words arguments) const {
    arguments.insert(arguments.begin(), {"undo", upstream.path("mirror")});
    return run_recentd(arguments);
  }
  [[nodiscard]] std::optional<std::string> mirrored(const std::string& name) const {
    return upstream.place().read("mirror/" + name);
  }
  Upstream upstream;
};

int lines(const std::string& text) {
  return static_cast<int>(std::count(text.begin(), text.end(), '\n'));
}

}  // namespace

TEST_SUITE("e2e::quarantine") {
  TEST_CASE("deleted files and links come back with undo, and stay through the next passes") {
    Scene scene;
    scene.lose({"d", "link"});
    CHECK_FALSE(scene.upstream.place().exists("mirror/d"));
    CHECK(lines(scene.undo({"--list"}).out) == 3);
    const auto result = scene.undo({});
    CHECK(result.exit_code == 0);
    CHECK(result.err == "");
    for (int pass = 0; pass < 2; ++pass) {
      CHECK(scene.mirrored("d/one") == "1");
      CHECK(scene.mirrored("d/two") == "2");
      CHECK(scene.upstream.place().link("mirror/link") == "keep");
      scene.upstream.put("news", std::to_string(pass));
      scene.upstream.announce();
      CHECK(scene.follow().exit_code == 0);
    }
    CHECK(scene.undo({"--list"}).out == "");
  }

  TEST_CASE("undo takes files and directories by name, and says what is not there") {
    Scene scene;
    scene.lose({"d", "keep"});
    CHECK(scene.undo({"d/"}).exit_code == 0);
    CHECK(scene.mirrored("d/two") == "2");
    CHECK_FALSE(scene.upstream.place().exists("mirror/keep"));
    const auto unknown = scene.undo({"keep", "d/three"});
    CHECK(unknown.exit_code == 3);
    CHECK(unknown.err.find("d/three") != std::string::npos);
    CHECK_FALSE(scene.upstream.place().exists("mirror/keep"));
    CHECK(scene.undo({"../keep"}).exit_code == 2);
  }

  TEST_CASE("of several generations the newest comes back, or the one of the time that is asked for") {
    Scene scene;
    Words times;
    for (const char* content : {"first", "second", "third"}) {
      scene.upstream.put("path", content);
      scene.upstream.announce();
      REQUIRE(scene.follow().exit_code == 0);
      scene.lose({"path"});
      const auto list = scene.undo({"--list"}).out;
      times.push_back(list.substr(0, list.find(' ')));
    }
    CHECK(lines(scene.undo({"--list", "path"}).out) == 3);
    CHECK(lines(scene.undo({"--list", "--since", times[1]}).out) == 2);
    CHECK(scene.undo({"--until", times[1], "path"}).exit_code == 0);
    CHECK(scene.mirrored("path") == "second");
    scene.upstream.place().remove("mirror/path");
    CHECK(scene.undo({"path"}).exit_code == 0);
    CHECK(scene.mirrored("path") == "third");
    CHECK(lines(scene.undo({"--list"}).out) == 1);
  }

  TEST_CASE("undo replaces nothing, unless the two are to change places") {
    Scene scene;
    scene.lose({"d"});
    scene.upstream.put("d/one", "reborn");
    scene.upstream.put("d/two/inner", "a directory now");
    scene.upstream.announce();
    REQUIRE(scene.follow().exit_code == 0);
    const auto result = scene.undo({});
    CHECK(result.exit_code == 8);
    CHECK(result.err.find("in the way: d/one") != std::string::npos);
    CHECK(scene.mirrored("d/one") == "reborn");
    CHECK(scene.undo({"--dry-run", "--force", "d/one"}).exit_code == 0);
    CHECK(scene.mirrored("d/one") == "reborn");
    CHECK(scene.undo({"--force"}).exit_code == 8);  // no file takes a directory's place
    CHECK(scene.mirrored("d/one") == "1");
    CHECK(scene.mirrored("d/two/inner") == "a directory now");
    CHECK(scene.undo({"--force", "d/one"}).exit_code == 0);
    CHECK(scene.mirrored("d/one") == "reborn");
  }

  TEST_CASE("a place that will not do is refused, and nothing is changed") {
    Upstream upstream;
    upstream.put("file", "x");
    upstream.init();
    upstream.place().make_directory("mirror");
    upstream.place().write("full/something", "x");
    const auto refused = [&](const std::string& place, int code, const std::string& why) {
      CAPTURE(place);
      const auto result = upstream.mirror("mirror", {"--quarantine", place});
      CHECK(result.exit_code == code);
      CHECK(result.err.find(why) != std::string::npos);
      CHECK(upstream.place().list("mirror").empty());
    };
    refused(upstream.path("mirror/pen"), 8, "in the target");
    refused(upstream.path("mirror"), 8, "in the target");
    refused(upstream.path(""), 8, "holds the target");
    refused(upstream.path("full"), 8, "something else");
    refused(upstream.path("no/such/parent"), 3, "no/such");
    struct stat here {
    }, shm{};
    if (::stat(upstream.path("mirror").c_str(), &here) == 0 && ::stat("/dev/shm", &shm) == 0 &&
        here.st_dev != shm.st_dev) {
      const auto pen = "/dev/shm/recentd-test-" + std::to_string(::getpid());
      refused(pen, 8, "another file system");
      CHECK(::access(pen.c_str(), F_OK) != 0);
    }
    REQUIRE(upstream.mirror("mirror", {"--quarantine", upstream.path("pen")}).exit_code == 0);
    const auto taken = upstream.mirror("another", {"--quarantine", upstream.path("pen")});
    CHECK(taken.exit_code == 8);
    CHECK(taken.err.find("is the quarantine of") != std::string::npos);
  }

  TEST_CASE("what is older than --quarantine-keep is swept, what is younger is not") {
    Scene scene;
    scene.lose({"d/one"});
    auto names = scene.upstream.place().list("pen");
    std::erase_if(names, [](const std::string& name) { return !name.ends_with("Z/"); });
    REQUIRE(names.size() == 1);
    fs::rename(scene.pen() + "/" + names[0], scene.pen() + "/moved-by-hand");
    CHECK(scene.follow({"--quarantine-keep", "0s"}).exit_code == 0);
    CHECK(fs::exists(scene.pen() + "/moved-by-hand"));  // not ours any more
    scene.lose({"d/two"});
    CHECK(scene.follow({"--quarantine-keep", "1h"}).exit_code == 0);
    CHECK(lines(scene.undo({"--list"}).out) == 1);
    CHECK(scene.follow({"--quarantine-keep", "0.001s"}).exit_code == 0);
    CHECK(scene.undo({"--list"}).out == "");
  }

  TEST_CASE(
      "undo waits for nobody: a mirror at work is named, and without a quarantine there is no way back") {
    Scene scene;
    scene.lose({"d"});
    const int connections = scene.upstream.server().asked();
    Program mirror({RECENTD_PROGRAM, "mirror", "--loop", "--fsync", "none", scene.upstream.url(),
                    scene.upstream.path("mirror"), "--quarantine", scene.pen()});
    const auto holder = std::to_string(mirror.pid()) + " ";
    REQUIRE(eventually([&] { return scene.mirrored(".recentd/holder").value_or("").starts_with(holder); }));
    REQUIRE(eventually([&] { return scene.upstream.server().asked() > connections; }));
    const auto busy = scene.undo({});
    CHECK(busy.exit_code == 5);
    CHECK(busy.err.find("process " + holder) != std::string::npos);
    mirror.send(SIGTERM);
    CHECK(mirror.wait().exit_code == 0);
    CHECK(scene.undo({}).exit_code == 0);
    REQUIRE(scene.upstream.mirror("plain").exit_code == 0);
    CHECK(run_recentd({"undo", scene.upstream.path("plain")}).exit_code == 3);
    CHECK(run_recentd({"undo", scene.upstream.root()}).exit_code == 3);
  }

  TEST_CASE("what the guard holds back and undo restores is not deleted after all") {
    Scene scene;
    scene.lose({"d"});
    scene.upstream.put("d/one", "reborn");
    scene.upstream.announce();
    REQUIRE(scene.follow().exit_code == 0);
    scene.upstream.remove("d/one");
    scene.upstream.announce();
    CHECK(scene.follow({"--max-delete", "0"}).exit_code == 8);
    CHECK(scene.undo({"--force", "d/one"}).exit_code == 0);
    CHECK(scene.mirrored("d/one") == "1");
    CHECK(scene.follow().exit_code == 0);
    CHECK(scene.mirrored("d/one") == "1");
  }

  TEST_CASE("a file that takes its directory's name sends the directory's files to the quarantine") {
    Scene scene;
    scene.upstream.remove("d");
    scene.upstream.put("d", "a file now");
    scene.upstream.announce();
    CHECK(scene.follow().exit_code == 0);
    CHECK(scene.upstream.difference("mirror") == "");
    CHECK(lines(scene.undo({"--list", "d"}).out) == 2);
    scene.lose({"d"});
    CHECK(lines(scene.undo({"--list", "d"}).out) == 3);
  }
}
