// Several upstreams of one tree, each with a real daemon of its own.

#include <csignal>

#include <doctest/doctest.h>

#include "support/upstream.hpp"

using namespace recentd::test;
using namespace std::chrono_literals;

namespace {

using Words = std::vector<std::string>;

// An origin and two mirrors of it, `one` and `two`, served as well.
struct Scene {
  Upstream upstream;
  TreeServer one{{{.name = "pub", .path = upstream.place().make_directory("one"), .exclude = "/.recentd/"}}};
  TreeServer two{{{.name = "pub", .path = upstream.place().make_directory("two"), .exclude = "/.recentd/"}}};

  Scene() {
    for (int i = 0; i < 5; ++i) upstream.put("f" + std::to_string(i), "content " + std::to_string(i));
    upstream.init();
    sync("one");
    sync("two");
  }
  // Without a network, so that a stopped daemon does not matter.
  void sync(const std::string& mirror) const {
    REQUIRE(run_recentd({"mirror", upstream.root(), upstream.path(mirror), "--fsync", "none"}).exit_code ==
            0);
  }
  void change(const std::string& name) {
    upstream.put(name, "content of " + name);
    upstream.announce();
  }
  [[nodiscard]] Words sources() const { return {upstream.url(), one.url("pub"), two.url("pub")}; }
  [[nodiscard]] Words command(const Words& options, Words from = {}) const {
    Words words = {RECENTD_PROGRAM, "mirror", "--fsync", "none"};
    words.insert(words.end(), options.begin(), options.end());
    if (from.empty()) from = sources();
    words.insert(words.end(), from.begin(), from.end());
    words.push_back(upstream.path("mirror"));
    return words;
  }
  [[nodiscard]] Words service(const Words& more = {}) const {
    Words options = {"--loop", "--ttl",           "0.3", "--min-poll-interval", "0.2", "--retry-first",
                     "0.1",    "--retry-longest", "1",   "--probe-interval",    "1",   "--rsync-timeout",
                     "1"};
    options.insert(options.end(), more.begin(), more.end());
    return command(options);
  }
  // The source that the mirror's state names.
  [[nodiscard]] std::string followed() const {
    const auto state = upstream.place().read("mirror/.recentd/state").value_or("");
    const auto at = state.find("source: ");
    return at == std::string::npos ? "" : state.substr(at + 8, state.find('\n', at) - at - 8);
  }
  [[nodiscard]] bool has(const std::string& name) const { return upstream.place().exists("mirror/" + name); }
};

}  // namespace

TEST_SUITE("e2e::upstreams") {
  TEST_CASE("a service goes on with another upstream when one is stopped, whichever it is") {
    Scene scene;
    Program service(scene.service());
    REQUIRE(eventually([&] { return scene.has("RECENT-Z.yaml"); }));
    CHECK(scene.followed() == scene.sources()[0]);
    scene.upstream.server().stop();
    scene.change("first");
    scene.sync("one");
    scene.sync("two");
    CHECK(eventually([&] { return scene.has("first"); }, 5s));
    const bool is_one = scene.followed() == scene.sources()[1];
    scene.upstream.server().start();
    (is_one ? scene.one : scene.two).stop();
    scene.change("second");
    scene.sync("one");
    scene.sync("two");
    CHECK(eventually([&] { return scene.has("second") && scene.upstream.difference("mirror").empty(); }, 5s));
    service.send(SIGTERM);
    CHECK(service.wait(10s).exit_code == 0);
    CHECK(service.err().find("following another upstream") != std::string::npos);
  }

  TEST_CASE("a service leaves an upstream that hangs") {
    Scene scene;
    Program service(scene.service());
    REQUIRE(eventually([&] { return scene.has("RECENT-Z.yaml"); }));
    scene.upstream.server().freeze();
    scene.change("new");
    scene.sync("one");
    scene.sync("two");
    CHECK(eventually([&] { return scene.has("new"); }, 8s));
    CHECK(eventually([&] { return scene.followed() != scene.sources()[0]; }));
    scene.upstream.server().thaw();
    CHECK(service.running());
  }

  TEST_CASE("a service leaves an upstream that lags") {
    Scene scene;
    scene.one.stop();
    scene.upstream.server().stop();
    Program service(scene.service({"--max-lag", "0.5"}));
    REQUIRE(eventually([&] { return scene.has("RECENT-Z.yaml"); }));
    CHECK(scene.followed() == scene.sources()[2]);
    scene.one.start();
    scene.change("new");
    scene.sync("one");
    CHECK(eventually([&] { return scene.has("new"); }, 10s));
    CHECK(eventually([&] { return scene.followed() == scene.sources()[1]; }));
    CHECK(service.err().find("lags") != std::string::npos);
  }

  TEST_CASE("one run takes the freshest that works, and ends well if others do not") {
    Scene scene;
    scene.change("new");
    scene.sync("two");
    scene.upstream.server().stop();
    const auto result = run_program(scene.command({}));
    CHECK(result.exit_code == 0);
    CHECK(scene.has("new"));
    CHECK(scene.followed() == scene.sources()[2]);
    CHECK(scene.upstream.difference("mirror") == "");
  }

  TEST_CASE("one run moves on from an upstream that breaks, and does not begin anew") {
    Scene scene;
    for (int i = 0; i < 200; ++i) scene.upstream.put("g" + std::to_string(i), std::string(3000, 'x'));
    scene.upstream.announce();
    scene.sync("one");
    auto options = slow_line(150);  // it takes seconds, however late we come to stop its upstream
    options.insert(options.end(), {"--max-files-per-connection", "30"});
    Program run(scene.command(options));
    REQUIRE(eventually([&] { return scene.has("g0"); }));
    scene.upstream.server().stop();
    CHECK(run.running());
    const auto result = run.wait(60s);
    CAPTURE(result.err);
    CHECK(result.exit_code == 0);
    CHECK(scene.upstream.difference("mirror") == "");
    CHECK(scene.followed() == scene.sources()[1]);
  }

  TEST_CASE("one run ends with an error if none of them works") {
    Scene scene;
    for (auto* server : {&scene.upstream.server(), &scene.one, &scene.two}) server->stop();
    const auto result = run_program(scene.command({}));
    CHECK(result.exit_code == 6);
    CHECK(result.err.find("is the upstream up?") != std::string::npos);
    CHECK_FALSE(scene.upstream.place().exists("mirror"));
  }

  TEST_CASE("a rolled-back upstream among others is passed over") {
    Scene scene;
    scene.change("new");
    scene.sync("two");
    REQUIRE(run_program(scene.command({}, {scene.two.url("pub")})).exit_code == 0);
    const auto result = run_program(scene.command({}, {scene.one.url("pub"), scene.upstream.url()}));
    CHECK(result.exit_code == 0);
    CHECK(scene.followed() == scene.upstream.url());
    const auto alone = run_program(scene.command({}, {scene.one.url("pub")}));
    CHECK(alone.exit_code == 8);
    CHECK(scene.has("new"));
  }

  TEST_CASE("`recentd run` takes a list of sources") {
    Scene scene;
    scene.upstream.server().stop();
    std::string list;
    for (const auto& source : scene.sources()) list += "      - " + source + "\n";
    const auto file = scene.upstream.place().write(
        "recentd.yaml",
        "mirrors:\n  pub:\n    create: true\n    fsync: none\n    retry_first: 0.1\n    source:\n" + list +
            "    target: " + scene.upstream.path("mirror") + "\n");
    Program service({RECENTD_PROGRAM, "run", "-c", file});
    CHECK(eventually([&] { return scene.has("RECENT-Z.yaml"); }));
    CHECK(eventually([&] { return scene.followed() == scene.sources()[1]; }));
    service.send(SIGTERM);
    CHECK(service.wait(10s).exit_code == 0);
  }

  TEST_CASE("--path takes the file from the first upstream that answers") {
    Scene scene;
    scene.upstream.server().stop();
    CHECK(run_program(scene.command({"--path", "f1"})).exit_code == 0);
    CHECK(scene.upstream.place().read("mirror/f1") == "content 1");
  }

  TEST_CASE("the same source twice, or none, is refused") {
    Scene scene;
    CHECK(run_program(scene.command({}, {scene.upstream.url(), scene.upstream.url()})).exit_code == 2);
    const auto result = run_program({RECENTD_PROGRAM, "mirror", scene.upstream.path("mirror")});
    CHECK(result.exit_code == 2);
    CHECK(result.err.find("SOURCE... TARGET") != std::string::npos);
  }
}
