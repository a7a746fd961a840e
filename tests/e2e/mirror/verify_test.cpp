// recentd verify: what an audit of a mirror finds, and that it changes nothing.

#include <csignal>
#include <filesystem>

#include <doctest/doctest.h>
#include <sys/stat.h>

#include "support/snapshot.hpp"
#include "support/tools/json.hpp"
#include "support/upstream.hpp"

using namespace recentd::test;
namespace fs = std::filesystem;

namespace {

using Words = std::vector<std::string>;

// A mirror that is up to date.
struct Scene {
  Scene() {
    for (const char* name : {"a", "d/b", "d/c", "odd\nname"}) upstream.put(name, name);
    upstream.put_link("link", "a");
    upstream.init();
    upstream.put("fresh", "x");
    upstream.remove("d/c");
    upstream.announce();
    upstream.aggregate();
    REQUIRE(upstream.mirror("mirror").exit_code == 0);
  }
  ProgramResult verify(Words options = {}) {
    options.insert(options.begin(), {"verify", upstream.path("mirror")});
    result = run_recentd(options);
    return result;
  }
  // Whether the last one has a line that starts and goes on like this.
  [[nodiscard]] bool found(const std::string& start, const std::string& more = "") const {
    for (std::size_t at = 0; at < result.out.size(); at = result.out.find('\n', at) + 1) {
      const auto line = result.out.substr(at, result.out.find('\n', at) - at);
      if (line.starts_with(start) && line.find(more) != std::string::npos) return true;
    }
    return false;
  }
  // Replaces text in a published index.
  void edit(const std::string& file, const std::string& from, const std::string& to) const {
    auto text = upstream.place().read("mirror/" + file).value();
    const auto at = text.find(from);
    REQUIRE(at != std::string::npos);
    (void)upstream.place().write("mirror/" + file, text.replace(at, from.size(), to));
  }
  Upstream upstream;
  ProgramResult result;
};

}  // namespace

TEST_SUITE("e2e::verify") {
  TEST_CASE("a mirror that is up to date has nothing to tell, with and without its source") {
    Scene scene;
    const auto before = snapshot(scene.upstream.path("mirror"));
    for (const Words& options : {Words{}, Words{"--against", scene.upstream.url()}}) {
      const auto result = scene.verify(options);
      CHECK(result.exit_code == 0);
      CHECK(result.out == "");
      CHECK(result.err == "");
    }
    CHECK(scene.verify({"-v"}).out.find("5 files") != std::string::npos);
    CHECK(run_recentd({"verify", scene.upstream.root()}).exit_code == 0);  // an origin, too
    CHECK(changes(before, snapshot(scene.upstream.path("mirror"))) == "");
  }

  TEST_CASE("files that are missing, of another kind, or not named are found, and nothing is touched") {
    Scene scene;
    const auto& place = scene.upstream.place();
    place.remove("mirror/a");
    place.remove("mirror/odd\nname");
    place.remove("mirror/d/b");
    (void)place.make_directory("mirror/d/b/is/a/directory");
    (void)place.write("mirror/stray", "s");
    (void)place.write("mirror/d/c", "back again");
    const auto before = snapshot(scene.upstream.path("mirror"));
    const auto result = scene.verify();
    CHECK(result.exit_code == 9);
    CHECK(result.err.find("5 differences") != std::string::npos);
    CHECK(scene.found("missing  a: named by RECENT-", "the state says that it was mirrored"));
    CHECK(scene.found("missing  odd\\x0Aname: "));
    CHECK(scene.found("type     d/b: is a directory"));
    CHECK(scene.found("extra    stray: no index names it"));
    CHECK(scene.found("extra    d/c: the index says it is deleted"));
    CHECK(changes(before, snapshot(scene.upstream.path("mirror"))) == "");
    place.remove("mirror/d/b");
    CHECK(scene.upstream.mirror("mirror", {"--reset-state", "--prune"}).exit_code == 0);
    CHECK(scene.verify().exit_code == 0);
  }

  TEST_CASE("index files that disagree with themselves or each other are found") {
    Scene scene;
    auto& place = scene.upstream.place();
    const auto text = place.read("mirror/RECENT-1d.yaml").value();
    scene.edit("RECENT-1d.yaml", "dirtymark: '", "dirtymark: '1");
    scene.edit("RECENT-6h.yaml", "  max: ", "  max: 1");
    place.remove("mirror/RECENT.recent");
    place.make_link("mirror/RECENT.recent", "RECENT-6h.yaml");
    CHECK(scene.verify().exit_code == 9);
    CHECK(scene.found("index    RECENT.recent: leads to 'RECENT-6h.yaml', not to RECENT-1h.yaml"));
    place.remove("mirror/RECENT.recent");
    place.make_link("mirror/RECENT.recent", "RECENT-1h.yaml");
    CHECK(scene.verify().exit_code == 9);
    CHECK(scene.found("levels   RECENT-1d.yaml: its dirtymark"));
    CHECK(scene.found("state    RECENT-1d.yaml: ", "is visible here"));
    CHECK(scene.found("index    RECENT-6h.yaml: minmax.max is 1"));
    (void)place.write("mirror/RECENT-1d.yaml", "--- \nmeta: {");
    CHECK(scene.verify().exit_code == 9);
    CHECK(scene.found("index    RECENT-1d.yaml: "));
    place.remove("mirror/RECENT-1d.yaml");
    CHECK(scene.verify().exit_code == 9);
    CHECK(scene.found("levels   RECENT-1d.yaml: is missing"));
    (void)place.write("mirror/RECENT-1h.yaml", "broken");
    CHECK(scene.verify().exit_code == 4);
    CHECK(run_recentd({"verify", scene.upstream.path("nothing")}).exit_code == 3);
  }

  TEST_CASE("the state is held against index and disk") {
    Scene scene;
    scene.upstream.remove("a");
    scene.upstream.remove("fresh");
    scene.upstream.announce();
    REQUIRE(scene.upstream.mirror("mirror", {"--max-delete", "1"}).exit_code == 8);
    CHECK(scene.verify().exit_code == 9);
    CHECK(scene.found("state    2 deletes queued"));
    CHECK(scene.found("extra    a: ", "the delete is queued"));
    REQUIRE(scene.upstream.mirror("mirror", {"--accept-deletes"}).exit_code == 0);
    CHECK(scene.verify().exit_code == 0);
    (void)scene.upstream.place().write("mirror/.recentd/state", "recentd-state 999\n");
    CHECK(scene.verify().exit_code == 9);
    CHECK(scene.found("state    ", "newer recentd"));
  }

  TEST_CASE("a file that is gone at the upstream is known, and no difference") {
    Scene scene;
    scene.upstream.remove("d/b");
    scene.upstream.conceal();
    REQUIRE(scene.upstream.mirror("second").exit_code == 0);
    scene.result = run_recentd({"verify", scene.upstream.path("second"), "-v"});
    CHECK(scene.result.exit_code == 0);
    CHECK(scene.found("", "1 gone at the upstream"));
  }

  TEST_CASE("--against tells how far the mirror is behind, and which files differ") {
    Scene scene;
    scene.upstream.put("a", "other bytes");
    scene.upstream.put("new", "n");
    scene.upstream.remove("fresh");
    scene.upstream.announce();
    scene.upstream.put("never announced", "x");
    const auto result = scene.verify({"--against", scene.upstream.url()});
    CHECK(result.exit_code == 9);
    CHECK(scene.found("source   RECENT-1h.yaml: is ", "s behind the source"));
    CHECK(scene.found("source   a: differs"));
    CHECK(scene.found("source   new: is at the source"));
    // Nothing can be listed over HTTP, and no index names it.
    CHECK(scene.found("source   never announced: is at the source") != TreeServer::over_http());
    CHECK(scene.found("source   fresh: is here, and not at the source"));
    CHECK_FALSE(scene.found("source   RECENT.recent"));
    CHECK_FALSE(scene.found("source   .recentd"));
    CHECK(scene.verify({"--against", scene.upstream.server().url("nowhere")}).exit_code == 3);
    scene.upstream.server().stop();
    CHECK(scene.verify({"--against", scene.upstream.url(), "--rsync-timeout", "1"}).exit_code == 6);
    CHECK(scene.verify({"--rsync-timeout", "1"}).exit_code == 2);
  }

  TEST_CASE("another tree in the target is left alone, by verify and fsck as by the mirror, and named") {
    Scene scene;
    const auto& place = scene.upstream.place();
    scene.upstream.put("in/a", "the outer one's");
    scene.upstream.put("lists/RECENT.recent", "an index that is content");
    scene.upstream.announce();
    REQUIRE(scene.upstream.mirror("mirror").exit_code == 0);
    // `in` becomes another mirror's target, `made` an origin.
    place.remove("mirror/in/a");
    place.write("mirror/in/.recentd/state", "another mirror's");
    place.write("mirror/in/own", "x");
    place.write("mirror/made/f", "x");
    REQUIRE(run_recentd({"init", scene.upstream.path("mirror/made")}).exit_code == 0);
    scene.upstream.put("in/b", "b");
    scene.upstream.announce();
    REQUIRE(scene.upstream.mirror("mirror").exit_code == 0);
    const auto before = snapshot(scene.upstream.path("mirror"));
    for (const Words& options : {Words{}, Words{"--against", scene.upstream.url()}}) {
      CHECK(scene.verify(options).exit_code == 0);
      CHECK(scene.found("left_out in: it is a tree of its own"));
      CHECK(scene.found("left_out made: it is a tree of its own"));
      for (const char* what : {"source", "missing", "extra"}) CHECK_FALSE(scene.found(what));
    }
    scene.result = run_recentd({"fsck", scene.upstream.path("mirror"), "--settle", "0"});
    CHECK(scene.result.exit_code == 0);
    CHECK(scene.result.out == "");
    CHECK(scene.result.err.find("trees of their own: in, made; this mirror leaves alone") !=
          std::string::npos);
    CHECK(changes(before, snapshot(scene.upstream.path("mirror"))) == "");
    // What the index tells of itself is content as ever.
    place.remove("mirror/lists/RECENT.recent");
    place.write("mirror/lists/stray", "x");
    CHECK(scene.verify().exit_code == 9);
    CHECK(scene.found("missing  lists/RECENT.recent"));
    CHECK(scene.found("extra    lists/stray"));
  }

  TEST_CASE("a mirror of a part is held to what it lists itself") {
    Scene scene;
    CHECK(scene.upstream.mirror("mirror", {"--filter", "- /d/"}).exit_code == 0);
    CHECK(scene.verify().out ==
          "extra    d/b: no index names it\n");  // what was here before the filter stays
    scene.upstream.place().remove("mirror/d/b");
    CHECK(scene.verify().exit_code == 0);
    scene.upstream.place().remove("mirror/a");
    CHECK(scene.verify().exit_code == 9);
    CHECK(scene.found("missing  a: ", "the state says that it was mirrored"));
  }

  TEST_CASE("--json tells the same to programs, and --findings bounds it") {
    Scene scene;
    for (int i = 0; i < 5; ++i)
      (void)scene.upstream.place().write("mirror/stray \"" + std::to_string(i) + "\xff", "s");
    auto json = Json::parse(scene.verify({"--json", "--findings", "3"}).out);
    CHECK(json.find("clean")->text == "false");
    CHECK(json.find("differences")->text == "5");
    REQUIRE(json.find("findings")->items.size() == 3);
    const auto& first = json.find("findings")->items[0];
    CHECK(first.find("check")->text == "extra");
    CHECK(first.find("name")->text.find("\\xFF") != std::string::npos);
    CHECK(json.find("upstream")->text == scene.upstream.url());
    CHECK(Json::parse(scene.verify({"--json", "--findings", "0"}).out).find("findings")->items.empty());
  }

  TEST_CASE("a mirror at work is not slandered") {
    Scene scene;
    Program mirror({RECENTD_PROGRAM, "mirror", "--loop", "--ttl", "0.1", "--min-poll-interval", "0.1",
                    "--fsync", "none", scene.upstream.url(), scene.upstream.path("mirror")});
    for (int round = 0; round < 4; ++round) {
      for (int i = 0; i < 20; ++i)
        scene.upstream.put("r" + std::to_string((round + i) % 24), std::to_string(round));
      if (round > 0) scene.upstream.remove("r" + std::to_string(round));
      scene.upstream.announce();
      CAPTURE(scene.result.out);
      CHECK(scene.verify().exit_code == 0);
    }
    mirror.send(SIGTERM);
    CHECK(mirror.wait().exit_code == 0);
  }
}
