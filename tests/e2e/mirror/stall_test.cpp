// Upstreams and programs that stand still, talk without end or send files without end.

#include <csignal>
#include <filesystem>
#include <random>

#include <doctest/doctest.h>

#include "support/tools/slow_link.hpp"
#include "support/upstream.hpp"

using namespace recentd::test;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {

using Words = std::vector<std::string>;
using Clock = std::chrono::steady_clock;

// rsync's own time-out is far away: what ends a call is ours.
Words mirror(const Words& sources, const std::string& target, const Words& options = {}) {
  Words words = {RECENTD_PROGRAM, "mirror", "--fsync", "none", "--stall-timeout", "1"};
  words.insert(words.end(), options.begin(), options.end());
  words.insert(words.end(), sources.begin(), sources.end());
  words.push_back(target);
  return words;
}

// An origin with a large file, behind a line that can stop in its midst.
struct Scene {
  Upstream upstream;
  SlowLink line{upstream.daemon().port(), 0ms};

  Scene() {
    // Nothing of it is like another part of it: a part of it that is kept must not be all of it.
    std::mt19937 random(4711);
    std::string large(3'000'000, ' ');
    for (auto& byte : large) byte = static_cast<char>(random());
    upstream.put("large", large);
    upstream.init();
  }
  [[nodiscard]] std::string url() const {
    return "rsync://127.0.0.1:" + std::to_string(line.port()) + "/pub";
  }
  // Something that calls itself rsync, and answers as a good one when it is asked for its version.
  [[nodiscard]] Words as_rsync(const std::string& script) const {
    const auto file = upstream.place().write(
        "rsync.sh", "#!/bin/sh\n[ \"$1\" = --version ] && exec rsync --version\n" + script + "\n");
    fs::permissions(file, fs::perms::owner_all);
    return {"--rsync", file};
  }
  [[nodiscard]] bool has(const std::string& name) const { return upstream.place().exists("mirror/" + name); }
};

}  // namespace

TEST_SUITE("e2e::stall") {
  TEST_CASE("one run ends in time when the upstream stands still from the start") {
    Scene scene;
    scene.line.hold_after(0);
    const auto start = Clock::now();
    Program run(mirror({scene.url()}, scene.upstream.path("mirror")));
    const auto result = run.wait(60s);
    CHECK(result.exit_code == 6);
    CHECK(Clock::now() - start < 40s);
    CHECK(result.err.find("given up (--stall-timeout)") != std::string::npos);
  }

  // The file at which connections break is what is left then. Both at the same time, as each waits.
  TEST_CASE("one run ends in time when the upstream stands still in the midst of a file, or drips") {
    Scene still, dripping;
    still.line.hold_after(200'000);
    dripping.line.hold_after(200'000, 300ms);
    const auto start = Clock::now();
    Program one(mirror({still.url()}, still.upstream.path("mirror")));
    Program other(mirror({dripping.url()}, dripping.upstream.path("mirror")));
    const std::vector<std::pair<Scene*, Program*>> runs = {{&still, &one}, {&dripping, &other}};
    for (const auto& [scene, run] : runs) {
      const auto result = run->wait(60s);
      CHECK(result.exit_code == 9);
      CHECK(Clock::now() - start < 40s);
      CHECK(result.err.find("'large': the connection broke at it") != std::string::npos);
      CHECK(result.err.find("given up (--stall-timeout)") != std::string::npos);
      CHECK_FALSE(scene->has("large"));
      scene->line.hold_after(UINT64_MAX);
      CHECK(run_program(mirror({scene->url()}, scene->upstream.path("mirror"))).exit_code == 0);
      CHECK(scene->upstream.difference("mirror") == "");
    }
  }

  TEST_CASE("a loop with another source goes on there") {
    Scene scene;
    Program service(mirror({scene.url(), scene.upstream.url()}, scene.upstream.path("mirror"),
                           {"--loop", "--ttl", "0.5", "--min-poll-interval", "0.5", "--retry-first", "0.2",
                            "--probe-interval", "1"}));
    REQUIRE(eventually([&] { return scene.has("RECENT-Z.yaml"); }));
    scene.line.hold_after(0);
    scene.upstream.put("new", "content");
    scene.upstream.announce();
    const auto start = Clock::now();
    CHECK(eventually([&] { return scene.has("new"); }));
    CHECK(Clock::now() - start < 8s);  // the limit, two polls, and a machine that is busy
    service.send(SIGTERM);
    CHECK(service.wait(10s).exit_code == 0);
    CHECK(service.err().find("given up (--stall-timeout)") != std::string::npos);
  }

  TEST_CASE("one run with another source goes on there, in the midst of a file") {
    Scene scene;
    scene.line.hold_after(200'000);
    const auto start = Clock::now();
    Program run(mirror({scene.url(), scene.upstream.url()}, scene.upstream.path("mirror")));
    const auto result = run.wait(60s);
    CHECK(result.exit_code == 0);
    CHECK(Clock::now() - start < 20s);
    CHECK(scene.upstream.difference("mirror") == "");
    CHECK(result.err.find("given up (--stall-timeout)") != std::string::npos);
  }

  TEST_CASE("an rsync that hangs is given up") {
    Scene scene;
    Program run(mirror({scene.upstream.url()}, scene.upstream.path("mirror"), scene.as_rsync("sleep 600")));
    const auto result = run.wait(60s);
    CHECK(result.exit_code == 6);
    CHECK(result.err.find("given up (--stall-timeout)") != std::string::npos);
  }

  TEST_CASE("an ssh that stands still is given up, and another source is used") {
    Scene scene;
    const auto shell = scene.upstream.place().write("ssh.sh", "#!/bin/sh\nexec sleep 600\n");
    fs::permissions(shell, fs::perms::owner_all);
    const Environment environment = {{"RSYNC_RSH", shell}};
    Program alone(mirror({"host:" + scene.upstream.root()}, scene.upstream.path("alone")), environment);
    Program beside(
        mirror({"host:" + scene.upstream.root(), scene.upstream.url()}, scene.upstream.path("mirror")),
        environment);
    const auto failed = alone.wait(60s);
    CHECK(failed.exit_code == 6);
    CHECK(failed.err.find("given up (--stall-timeout)") != std::string::npos);
    CHECK(beside.wait(60s).exit_code == 0);
    CHECK(scene.upstream.difference("mirror") == "");
  }

  TEST_CASE("an rsync that talks for ever is given up, on both of its voices") {
    Scene scene;
    for (const char* script : {"exec yes", "exec yes >&2"}) {
      Program run(mirror({scene.upstream.url()}, scene.upstream.path("mirror"), scene.as_rsync(script)));
      const auto result = run.wait(60s);
      CHECK(result.exit_code == 6);
      CHECK(result.err.find("bytes; given up") != std::string::npos);
      CHECK(result.err.size() < 10'000);
    }
  }

  TEST_CASE("a slow line of our own wish is no standing still") {
    Scene scene;
    scene.upstream.put("slow", std::string(6000, 'y'));
    scene.upstream.remove("large");
    scene.upstream.announce();
    const auto result = run_program(mirror({scene.upstream.url()}, scene.upstream.path("mirror"),
                                           {"--bwlimit", "1K", "--min-rate", "100000"}));
    CHECK(result.exit_code == 0);
    CHECK(scene.has("slow"));
  }

  TEST_CASE("a file that turns out larger than --max-file-size is left out, and breaks nothing") {
    Scene scene;
    scene.upstream.put("small", "content");
    scene.upstream.put("tiny", "c");
    scene.upstream.announce();
    // Its length as it is told is small: what rsync is limited to has to come from elsewhere.
    const auto without_size = scene.as_rsync(
        "for word; do shift; case $word in --max-size=*) ;; *) set -- \"$@\" \"$word\";; esac; done\n"
        "exec rsync \"$@\"");
    auto options = without_size;
    options.insert(options.end(), {"--max-file-size", "1M"});
    Program run(mirror({scene.upstream.url()}, scene.upstream.path("mirror"), options));
    const auto result = run.wait(60s);
    CHECK(result.exit_code == 0);
    CHECK(scene.has("small"));
    CHECK(scene.has("tiny"));
    CHECK_FALSE(scene.has("large"));
    CHECK(result.err.find("is the upstream up?") == std::string::npos);
  }
}
