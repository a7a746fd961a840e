// rrr-client: every option of the reference's newest release, each with its effect, over a real daemon.

#include <chrono>
#include <csignal>
#include <thread>

#include <doctest/doctest.h>
#include <sys/stat.h>

#include "support/upstream.hpp"

using namespace recentd::test;
using namespace std::chrono_literals;

namespace {

using Words = std::vector<std::string>;

// An origin, an empty target, and an rsync in front of the real one that notes its arguments.
struct Scene {
  Upstream upstream;

  explicit Scene(int files = 3) {
    for (int i = 0; i < files; ++i) upstream.put("f" + std::to_string(i), "content " + std::to_string(i));
    upstream.init();
    (void)upstream.place().make_directory("mirror");
    upstream.place().make_link("rrr-client", RECENTD_PROGRAM);
    const auto wrapper = upstream.place().write(
        "bin/rsync", "#!/bin/sh\nprintf '%s ' \"$@\" >>" + upstream.path("calls") + "\necho >>" +
                         upstream.path("calls") + "\nPATH=${PATH#*:}\nexec rsync \"$@\"\n");
    ::chmod(wrapper.c_str(), 0755);
  }
  [[nodiscard]] std::unique_ptr<Program> start(const Words& options = {}) const {
    Words words = {upstream.path("rrr-client"), "--source", upstream.url("RECENT.recent"), "--target",
                   upstream.path("mirror")};
    words.insert(words.end(), options.begin(), options.end());
    return std::make_unique<Program>(
        words, Environment{{"PATH", upstream.path("bin") + ":" + std::string(std::getenv("PATH"))}});
  }
  [[nodiscard]] bool up_to_date() const {
    return eventually([&] {
      return upstream.place().exists("mirror/RECENT-Z.yaml") && upstream.difference("mirror").empty();
    });
  }
  [[nodiscard]] std::string calls() const { return upstream.place().read("calls").value_or(""); }
  // rsync calls that brought content.
  [[nodiscard]] int transfers() const {
    int count = 0;
    const auto all = calls();
    const std::string to_target = " " + upstream.path("mirror") + "/ \n";
    for (auto at = all.find(to_target); at != std::string::npos; at = all.find(to_target, at + 1)) ++count;
    return count;
  }
};

int end(Program& client) {
  client.send(SIGTERM);
  return client.wait(10s).exit_code;
}

}  // namespace

TEST_SUITE("e2e::rrr_client") {
  TEST_CASE("without options it connects as the reference does") {
    const Scene scene;
    const auto client = scene.start();
    CHECK(scene.up_to_date());
    const auto calls = scene.calls();
    for (const auto* option : {"--compress", "--safe-links", "-lt", "--timeout=30 "})
      CHECK(calls.find(option) != std::string::npos);
    CHECK(calls.find("--checksum") == std::string::npos);
    CHECK(scene.transfers() == 1);
    CHECK(end(*client) == 0);
    CHECK(but_for_first_copy(client->err()) == "");
  }

  TEST_CASE("--max-files-per-connection makes small batches, with the reference's rest after each") {
    const Scene scene(6);
    const auto start = std::chrono::steady_clock::now();
    const auto client = scene.start({"--max-files-per-connection=2"});
    CHECK(scene.up_to_date());
    CHECK(scene.transfers() == 3);
    CHECK(std::chrono::steady_clock::now() - start > 840ms);
  }

  TEST_CASE("--rsync-timeout is rsync's") {
    const Scene scene;
    const auto client = scene.start({"--rsync-timeout=7"});
    CHECK(scene.up_to_date());
    CHECK(scene.calls().find("--timeout=7 ") != std::string::npos);
    CHECK(scene.calls().find("--timeout=30 ") == std::string::npos);
  }

  TEST_CASE("--minimum-time-per-loop is how long a loop takes at least") {
    const Scene scene;
    const auto client = scene.start({"--minimum-time-per-loop=300", "--verbose"});
    CHECK(scene.up_to_date());
    REQUIRE(eventually([&] { return client->err().find("Dorm") != std::string::npos; }));
    const auto text = client->err();
    const auto at = text.find('(', text.find("Dorm"));
    CHECK(std::stoi(text.substr(at + 1)) >= 295);
    CHECK(std::stoi(text.substr(at + 1)) <= 330);
  }

  TEST_CASE("--maximum-time-per-loop lets fresh events overtake a backlog") {
    Scene scene(12);
    const auto client = scene.start({"--maximum-time-per-loop=0.5", "--max-files-per-connection=1"});
    REQUIRE(eventually([&] { return scene.transfers() == 2; }));
    scene.upstream.put("fresh", "x");
    scene.upstream.announce();
    CHECK(eventually([&] { return scene.upstream.place().exists("mirror/fresh"); }));
    CHECK(scene.transfers() < 10);
  }

  TEST_CASE("--runstatusfile tells what was done") {
    const Scene scene;
    const auto file = scene.upstream.path("status");
    const auto client = scene.start({"--runstatusfile", file});
    CHECK(scene.up_to_date());
    CHECK(
        eventually([&] { return read_file(file).value_or("").find("up_to_date: 1") != std::string::npos; }));
    CHECK(read_file(file)->find("transferred: 3") != std::string::npos);
  }

  TEST_CASE("it ends with 255 if the first index is not to be had, and survives the loss of a later one") {
    Scene scene;
    scene.upstream.daemon().stop();
    const auto early = scene.start();
    const auto result = early->wait(20s);
    CHECK(result.exit_code == 255);
    CHECK(result.err.find("rrr-client: ") != std::string::npos);
    scene.upstream.daemon().start();
    const auto client = scene.start({"--max-files-per-connection=1"});
    REQUIRE(eventually([&] { return scene.transfers() == 1; }));
    scene.upstream.daemon().stop();
    REQUIRE(eventually([&] { return client->err().find(" error ") != std::string::npos; }));
    scene.upstream.daemon().start();
    CHECK(scene.up_to_date());
    CHECK(end(*client) == 0);
  }

  TEST_CASE("the first index is fetched once at the start") {
    Scene scene;
    const auto client = scene.start({"--verbose"});
    CHECK(scene.up_to_date());
    REQUIRE(eventually([&] { return client->err().find("Dorm") != std::string::npos; }));
    CHECK(scene.upstream.daemon().connections() <= 4);  // link, principal, larger levels, content
  }
}
