// The index in few bytes: origins and mirrors that offer deltas, behind a real nginx that counts the bytes.

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <sstream>

#include <doctest/doctest.h>

#include "support/tools/nginx.hpp"
#include "support/upstream.hpp"

using namespace recentd::test;
namespace fs = std::filesystem;

namespace {

using Words = std::vector<std::string>;

const std::string k_conf = "    include " RECENTD_SOURCE_DIR "/conf/nginx-origin.conf;\n";
const Words k_record = {"--record", "size,mtime"};
const char* const k_6h = "RECENT-6h.yaml";

// A tree whose levels are large enough, offered behind nginx; and mirrors in a row behind servers of theirs.
struct Scene {
  explicit Scene(const Words& options = {"--record", "size,mtime", "--http"}) {
    for (int i = 0; i < 3000; ++i)
      upstream.put("authors/id/" + std::to_string(i % 50) + "/distribution-" + std::to_string(i), "");
    upstream.init(options);
  }
  // A minute's news.
  void change(const Words& aggregate = {"--force"}) {
    ++minute;
    for (int i = 0; i < 15; ++i)
      upstream.put("news/" + std::to_string(minute) + "/file-" + std::to_string(i), "new");
    for (int i = 0; i < 2; ++i) {
      const auto number = minute * 10 + i;
      upstream.remove("authors/id/" + std::to_string(number % 50) + "/distribution-" +
                      std::to_string(number));
    }
    upstream.announce(k_record);
    upstream.aggregate(aggregate);
  }
  ProgramResult follow(const Nginx& from, const std::string& target, const Words& options = {}) const {
    Words words = {"mirror", from.url(), upstream.path(target), "--fsync", "none"};
    words.insert(words.end(), options.begin(), options.end());
    auto result = run_recentd(words);
    CHECK_MESSAGE(result.exit_code == 0, result.err);
    return result;
  }
  // Files are equal, and index files byte for byte.
  void check_equal(const std::string& target,
                   const Words& levels = {"RECENT-1h.yaml", "RECENT-6h.yaml"}) const {
    CHECK(upstream.difference(target) == "");
    for (const auto& name : levels)
      CHECK_MESSAGE((upstream.place().read("origin/" + std::string(name)) ==
                     upstream.place().read(target + "/" + name)),
                    name);
  }

  Upstream upstream;
  int minute = 0;
};

struct Traffic {
  // Bytes of larger levels, of the principal, and of what is offered, with heads.
  std::uint64_t whole = 0, principal = 0, offered = 0;
};

Traffic traffic(const Nginx& nginx) {
  Traffic sum;
  for (const auto& line : nginx.requests()) {
    std::istringstream words(line);
    std::string method, target, status;
    std::uint64_t bytes = 0;
    words >> method >> target >> status >> bytes;
    if (target.starts_with("/RECENT.http/"))
      sum.offered += bytes;
    else if (target.starts_with("/RECENT.recent") || target.starts_with("/RECENT-1h"))
      sum.principal += bytes;
    else if (target.starts_with("/RECENT-"))
      sum.whole += bytes;
  }
  return sum;
}

}  // namespace

TEST_SUITE("e2e::http_deltas") {
  TEST_CASE("a minute's news in a level of 3,000 files costs less than 10 KB, on three tiers") {
    Scene scene;
    fs::create_directories(scene.upstream.path("a"));
    fs::create_directories(scene.upstream.path("b"));
    Nginx origin(scene.upstream.root(), k_conf), first(scene.upstream.path("a"), k_conf),
        second(scene.upstream.path("b"), k_conf);
    const auto level = fs::file_size(scene.upstream.path("origin/" + std::string(k_6h)));
    REQUIRE(level > 200'000);
    scene.follow(origin, "a", {"--http"});
    scene.follow(first, "b");
    scene.follow(second, "c");
    CHECK(traffic(origin).whole > level);
    for (int i = 0; i < 3; ++i) {
      scene.change({});  // 6h alone is due
      for (auto* nginx : {&origin, &first, &second}) nginx->forget_requests();
      scene.follow(origin, "a");
      scene.follow(first, "b");
      scene.follow(second, "c");
      for (const char* target : {"a", "b", "c"}) scene.check_equal(target);
      CHECK(traffic(origin).whole == 0);
      CHECK(traffic(origin).offered > 1000);
      CHECK(traffic(origin).offered < 10'000);
      CHECK(traffic(origin).principal < 1000);  // two looks
      CHECK(traffic(first).whole == 0);
      CHECK(traffic(first).offered < 10'000);
      // The second tier offers once it has been offered something; from then on the third has it, too.
      if (i > 0) CHECK(traffic(second).whole + traffic(first).principal < 1000);
    }
  }

  TEST_CASE("a mirror that missed some versions gets the deltas of all of them, of all levels") {
    Scene scene;
    Nginx nginx(scene.upstream.root(), k_conf);
    scene.follow(nginx, "m");
    for (int i = 0; i < 5; ++i) scene.change();
    nginx.forget_requests();
    for (int i = 0; i < 3; ++i) scene.follow(nginx, "m");  // a pass goes up some levels only
    scene.check_equal("m", {"RECENT-6h.yaml", "RECENT-1d.yaml", "RECENT-1M.yaml", "RECENT-Z.yaml"});
    CHECK(traffic(nginx).whole == 0);
    CHECK(scene.upstream.place().exists("m/RECENT.http/RECENT-Z.yaml.versions"));
  }

  TEST_CASE("an offer that is older than the index, as others write that, costs a try and nothing else") {
    Scene scene;
    Nginx nginx(scene.upstream.root(), k_conf);
    scene.follow(nginx, "m");
    scene.change();
    fs::rename(scene.upstream.path("origin/RECENT.http"), scene.upstream.path("aside"));
    scene.change();  // by a writer that offers nothing
    fs::rename(scene.upstream.path("aside"), scene.upstream.path("origin/RECENT.http"));
    nginx.forget_requests();
    scene.follow(nginx, "m");
    scene.check_equal("m");
    CHECK(traffic(nginx).offered > 0);
    CHECK(traffic(nginx).whole > 0);
    scene.change();  // from now on it is right again; the version in between is in no chain
    scene.follow(nginx, "m");
    scene.change();
    nginx.forget_requests();
    scene.follow(nginx, "m");
    scene.check_equal("m");
    CHECK(traffic(nginx).whole == 0);
  }

  TEST_CASE("a loop gets the principal's news by its deltas, and polls without news by one answer each") {
    Scene scene;
    Nginx nginx(scene.upstream.root(), k_conf);
    scene.follow(nginx, "m", {"--http"});
    Program loop({RECENTD_PROGRAM, "mirror", "--loop", "--ttl", "0.2", "--loopinterval", "0.2",
                  "--min-poll-interval", "0.2", "--fsync", "none", nginx.url(), scene.upstream.path("m")});
    const auto is_equal = [&] {
      return scene.upstream.place().read("m/RECENT-1h.yaml") ==
             scene.upstream.place().read("origin/RECENT-1h.yaml");
    };
    const auto has_asked = [&](const char* line) {
      const auto requests = nginx.requests();
      return std::any_of(requests.begin(), requests.end(),
                         [&](const auto& asked) { return asked.find(line) != std::string::npos; });
    };
    // A poll that comes between the index and what is offered of it gets the whole: so several may be needed.
    const auto comes_in_deltas = [&] {
      nginx.forget_requests();
      scene.change({});
      CHECK(eventually(is_equal));
      return has_asked("RECENT.recent 206 ") && !has_asked("RECENT.recent 200 ");
    };
    CHECK(eventually(comes_in_deltas));
    nginx.forget_requests();
    CHECK(eventually([&] { return has_asked("RECENT.recent 304 "); }));
    // A writer that offers nothing: the whole comes, and then again deltas.
    fs::rename(scene.upstream.path("origin/RECENT.http"), scene.upstream.path("aside"));
    scene.change({});
    fs::rename(scene.upstream.path("aside"), scene.upstream.path("origin/RECENT.http"));
    CHECK(eventually(is_equal));
    CHECK(eventually(comes_in_deltas));
    loop.send(SIGTERM);
    CHECK(loop.wait().exit_code == 0);
  }

  TEST_CASE("without an offer levels come as a whole, and nobody begins one") {
    Scene scene(k_record);
    Nginx nginx(scene.upstream.root(), k_conf);
    scene.follow(nginx, "m");
    scene.change();
    nginx.forget_requests();
    scene.follow(nginx, "m");
    scene.check_equal("m");
    CHECK(traffic(nginx).whole > 200'000);
    for (const char* place : {"origin/RECENT.http", "m/RECENT.http"})
      CHECK_FALSE(scene.upstream.place().exists(place));
  }

  TEST_CASE("what is offered is no content: not for init, news, fsck, verify, nor for a mirror over rsync") {
    Scene scene;
    scene.change();
    const auto root = scene.upstream.root();
    REQUIRE(scene.upstream.place().exists("origin/RECENT.http/RECENT-6h.yaml.versions"));
    const auto fsck = run_recentd({"fsck", root, "--settle", "0"});
    CHECK_MESSAGE(fsck.exit_code == 0, (fsck.out + fsck.err));
    CHECK(fsck.out == "");
    CHECK(run_recentd({"news", root}).out.find("RECENT.http") == std::string::npos);
    CHECK(scene.upstream.mirror("m", {"--prune"}).exit_code == 0);
    CHECK(scene.upstream.difference("m") == "");
    CHECK_FALSE(scene.upstream.place().exists("m/RECENT.http"));
    REQUIRE(run_recentd({"init", root, "--force", "--fsync", "none", "--state", scene.upstream.path("old")})
                .exit_code == 0);
    CHECK(run_recentd({"news", root}).out.find("RECENT.http") == std::string::npos);
  }

  TEST_CASE("every command that writes the index keeps the offer up to date") {
    Scene scene;
    Nginx nginx(scene.upstream.root(), k_conf);
    scene.follow(nginx, "m");
    const auto root = scene.upstream.root();
    const auto check_current = [&] {
      for (const std::string level : {"RECENT-6h.yaml", "RECENT-1d.yaml", "RECENT-Z.yaml"}) {
        CHECK(fs::equivalent(root + "/" + level, root + "/RECENT.http/" + level + ".last"));
        const auto versions =
            scene.upstream.place().read("origin/RECENT.http/" + level + ".versions").value();
        CHECK(versions.find("\nsize " + std::to_string(fs::file_size(root + "/" + level)) + "\n") !=
              std::string::npos);
      }
    };
    check_current();
    scene.upstream.place().write("origin/late", "x");
    scene.upstream.place().set_mtime("origin/late", 784111777);
    CHECK(run_recentd({"update", root, "--new", "late", "--epoch", "1600000000.5", "--fsync", "none"})
              .exit_code == 0);
    check_current();
    nginx.forget_requests();
    scene.follow(nginx, "m");  // all levels are of another history
    scene.check_equal("m", {"RECENT-6h.yaml", "RECENT-1d.yaml", "RECENT-Z.yaml"});
    CHECK(traffic(nginx).whole == 0);
    CHECK(run_recentd({"convert", root, "--comment", "other words", "--fsync", "none"}).exit_code == 0);
    check_current();
    scene.upstream.place().write("origin/more", "x");
    CHECK(run_recentd({"update", root, "--new", "more", "--fsync", "none"}).exit_code == 0);
    CHECK(fs::equivalent(root + "/RECENT-1h.yaml", root + "/RECENT.http/RECENT-1h.yaml.last"));
    scene.upstream.place().write("origin/unknown", "x");
    const auto repaired =
        run_recentd({"fsck", root, "--repair=index", "--dirty", "--settle", "0", "--fsync", "none"});
    CHECK_MESSAGE(repaired.exit_code == 0, (repaired.out + repaired.err));
    check_current();
    fs::remove(root + "/RECENT-6h.yaml");
    REQUIRE(run_recentd({"fsck", root, "--repair=index", "--settle", "0", "--fsync", "none", "--state",
                         scene.upstream.path("kept")})
                .exit_code == 0);
    check_current();
  }
}
