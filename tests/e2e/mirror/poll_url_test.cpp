// Polling by HTTP, transfer by rsync: a real daemon, and a real nginx that shows the same tree or another
// one.

#include <algorithm>
#include <csignal>

#include <doctest/doctest.h>

#include "support/service_scene.hpp"
#include "support/tools/nginx.hpp"

using namespace recentd::test;

namespace {

using Words = std::vector<std::string>;

const std::string k_conf = "    include " RECENTD_SOURCE_DIR "/conf/nginx-origin.conf;\n";

void copy(const std::string& from, const std::string& to) {
  REQUIRE(run_program({"cp", "-a", from, to}).exit_code == 0);
}

// An origin behind rsync's daemon, and a place that a web server shows, which is that of the origin at first.
struct Scene {
  Scene() {
    upstream.put("old", "content");
    upstream.init();
    // As old as an index is where nothing happens: one of this second may change again.
    upstream.place().set_mtime("origin/RECENT-1h.yaml", 1'700'000'000);
    upstream.place().make_link("shown", upstream.root());
    nginx = std::make_unique<Nginx>(upstream.path("shown"), k_conf);
  }
  [[nodiscard]] Words loop(const Words& more = {}) const {
    Words words = {RECENTD_PROGRAM,
                   "mirror",
                   "--loop",
                   "--ttl",
                   "0.1",
                   "--loopinterval",
                   "0.1",
                   "--min-poll-interval",
                   "0.1",
                   "--fsync",
                   "none",
                   "--retry-first",
                   "0.2",
                   "--retry-longest",
                   "0.2",
                   "--poll-url",
                   nginx->url(),
                   upstream.url(),
                   upstream.path("m")};
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }
  [[nodiscard]] std::ptrdiff_t answers(const std::string& text) const {
    const auto lines = nginx->requests();
    return std::ranges::count_if(lines,
                                 [&](const auto& line) { return line.find(text) != std::string::npos; });
  }
  void announce(const std::string& name) {
    upstream.put(name, "content of " + name);
    upstream.announce();
  }
  [[nodiscard]] bool arrives(const std::string& name) const {
    return eventually([&] { return upstream.place().exists("m/" + name); });
  }
  // From now on the web server shows that place.
  void show(const std::string& what) const {
    upstream.place().remove("shown");
    upstream.place().make_link("shown", upstream.path(what));
  }

  Upstream upstream;
  std::unique_ptr<Nginx> nginx;
};

bool says(const Program& program, const std::string& words) {
  return eventually([&] { return program.err().find(words) != std::string::npos; });
}

}  // namespace

TEST_SUITE("e2e::poll_url") {
  TEST_CASE("rsync is called when there is news, and else a poll is a 304") {
    Scene scene;
    Program loop(scene.loop({"--quiet"}));
    REQUIRE(eventually([&] { return scene.answers("GET /RECENT.recent 304 ") >= 2; }));
    const auto connections = scene.upstream.daemon().connections();
    const auto polls = scene.answers(" 304 ");
    REQUIRE(eventually([&] { return scene.answers(" 304 ") >= polls + 5; }));
    CHECK(scene.upstream.daemon().connections() == connections);
    scene.announce("new");
    CHECK(scene.arrives("new"));
    CHECK(scene.upstream.daemon().connections() > connections);
    CHECK(eventually([&] { return scene.upstream.difference("m").empty(); }));
    for (const auto& line : scene.nginx->requests()) CHECK(line.starts_with("GET /RECENT.recent "));
    loop.send(SIGTERM);
    CHECK(loop.wait().exit_code == 0);
    CHECK(but_for_first_copy(loop.err()) == "");
  }

  TEST_CASE("a web server that is away is told, and the source polled until it is back") {
    Scene scene;
    Program loop(scene.loop());
    REQUIRE(eventually([&] { return scene.answers(" 304 ") >= 2; }));
    scene.nginx->stop();
    CHECK(says(loop, "cannot be asked: "));
    scene.announce("new");
    CHECK(scene.arrives("new"));
    scene.nginx->start();
    CHECK(says(loop, "all is well again"));
    CHECK(loop.running());
  }

  TEST_CASE("one that shows another tree, none, or an old one, holds nothing up and is told") {
    Scene scene;
    copy(scene.upstream.root(), scene.upstream.path("stale"));
    scene.upstream.place().make_directory("none");
    copy(scene.upstream.root(), scene.upstream.path("other"));
    REQUIRE(run_recentd({"init", scene.upstream.path("other"), "--force"}).exit_code == 0);
    scene.announce("first");
    Program loop(scene.loop({"--max-lag", "0.3"}));
    REQUIRE(scene.arrives("first"));
    for (const auto& [place, words] : {std::pair{"stale", "lags: its newest event is"},
                                       {"none", "has no 'RECENT.recent'"},
                                       {"other", "shows another index: its dirtymark is"}}) {
      CAPTURE(place);
      scene.show(place);
      CHECK(says(loop, words));
      scene.announce("in spite of " + std::string(place));
      CHECK(scene.arrives("in spite of " + std::string(place)));
    }
    scene.show("origin");
    CHECK(says(loop, "all is well again"));
    CHECK(eventually([&] { return scene.upstream.difference("m").empty(); }));
  }

  TEST_CASE("one that stands still is found out by the polls of the source that come all the same") {
    Scene scene;
    copy(scene.upstream.root(), scene.upstream.path("stale"));
    scene.show("stale");
    Program loop(scene.loop({"--probe-interval", "1", "--max-lag", "0.3"}));
    REQUIRE(eventually([&] { return scene.answers(" 304 ") >= 2; }));
    scene.announce("new");
    CHECK(scene.arrives("new"));
    CHECK(says(loop, "lags: its newest event is"));
  }

  TEST_CASE("a service has it as a key; what makes no sense is refused") {
    Scene scene;
    Service service;
    service.configure(quick_mirrors({mirror_entry("pub", scene.upstream.url(), scene.upstream.path("m"),
                                                  {"poll_url: " + scene.nginx->url()})}));
    service.start();
    CHECK(eventually([&] { return scene.answers(" 304 ") >= 2; }));
    CHECK(service.stop().exit_code == 0);
    const auto refused = [&](const Words& words, const std::string& why) {
      const auto result = run_recentd(words);
      CHECK(result.exit_code == 2);
      CHECK_MESSAGE(result.err.find(why) != std::string::npos, result.err);
    };
    const auto url = scene.nginx->url(), source = scene.upstream.url(), target = scene.upstream.path("m");
    refused({"mirror", "--poll-url", url, source, target}, "--poll-url goes with --loop");
    refused({"mirror", "--loop", "--poll-url", source, source, target}, "is no http or https address");
    refused({"mirror", "--loop", "--poll-url", url, url, target}, "has no use");
  }
}
