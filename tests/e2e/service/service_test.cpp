// `recentd run`: many trees in one process, with real daemons.

#include <csignal>
#include <filesystem>

#include <doctest/doctest.h>

#include "support/service_scene.hpp"

using namespace recentd::test;
using namespace std::chrono_literals;

namespace {

std::string mirror(const std::string& name, const std::string& source, const std::string& target,
                   const std::vector<std::string>& more = {}) {
  return mirror_entry(name, source, target, more);
}

std::string mirrors(const std::vector<std::string>& entries) {
  return quick_mirrors(entries);
}

// The files that the rsync processes of a directory have open.
std::string open_files_of_rsync(const std::string& directory) {
  std::string all;
  for (const auto& process : std::filesystem::directory_iterator("/proc")) {
    const auto words = command_line(process.path());
    if (words.find("rsync") == std::string::npos || words.find(directory) == std::string::npos) continue;
    std::error_code gone;
    for (const auto& fd : std::filesystem::directory_iterator(process.path() / "fd", gone))
      all += std::filesystem::read_symlink(fd, gone).string() + "\n";
  }
  return all;
}

}  // namespace

TEST_SUITE("e2e::service") {
  TEST_CASE("an upstream that never answers does not delay another tree") {
    ServiceScene scene;
    const SilentPort silent;
    const auto nowhere = "rsync://127.0.0.1:" + std::to_string(silent.port()) + "/pub";
    scene.service.configure(mirrors({mirror("hung", nowhere, scene.upstream.path("hung")), scene.good()}));
    scene.service.start();
    REQUIRE(scene.follows("good", 10s));
    for (int i = 0; i < 3; ++i) CHECK(scene.follows("good", 2s));
    CHECK(rsyncs_for(scene.upstream.path("hung")) > 0);
    const auto open = open_files_of_rsync(scene.upstream.path("hung"));
    CHECK(open.find("/hung/.recentd/lock\n") != std::string::npos);
    CHECK(open.find("/good/") == std::string::npos);
    CHECK(scene.service.stop().exit_code == 0);
    CHECK(rsyncs_for(scene.upstream.path("hung")) == 0);
  }

  TEST_CASE("a tree that fails leaves the others alone and shows in the exit code") {
    ServiceScene scene;
    scene.service.configure(mirrors(
        {mirror("bad", scene.upstream.url("no/such"), scene.upstream.path("bad"), {"max_rsync_errors: 1"}),
         scene.good()}));
    scene.service.start();
    CHECK(eventually([&] { return scene.service.logged("tree failed: "); }));
    CHECK(scene.follows());
    CHECK(scene.service.state_of("bad", "state") == "failed");
    CHECK(eventually([&] { return scene.service.state_of("good", "up_to_date") == "yes"; }));
    CHECK(scene.service.stop().exit_code == 3);
  }

  TEST_CASE("a service whose trees have all failed ends by itself") {
    ServiceScene scene;
    scene.service.configure(mirrors(
        {mirror("bad", scene.upstream.path("none"), scene.upstream.path("bad"), {"max_rsync_errors: 1"})}));
    scene.service.start();
    CHECK(scene.service.program().wait(10s).exit_code == 3);
  }

  TEST_CASE("a target that another process holds is waited for, and the holder named") {
    ServiceScene scene;
    const auto held = scene.upstream.path("held");
    Program other({RECENTD_PROGRAM, "mirror", "--loop", "--fsync=none", scene.upstream.url(), held});
    REQUIRE(eventually([&] { return scene.upstream.place().exists("held/RECENT.recent"); }));
    scene.service.configure(
        mirrors({mirror("held", scene.upstream.url(), held, {"retry_first: 0.1", "retry_longest: 0.3"}),
                 scene.good()}));
    scene.service.start();
    CHECK(eventually(
        [&] { return scene.service.logged("is being mirrored by process " + std::to_string(other.pid())); }));
    CHECK(scene.follows());
    other.send(SIGTERM);
    other.wait();
    CHECK(scene.follows("held", 10s));
    CHECK(scene.service.stop().exit_code == 0);
  }

  TEST_CASE("an upstream and a target that come later are waited for") {
    ServiceScene scene;
    scene.upstream.daemon().stop();
    const auto late = scene.upstream.path("late/good");
    scene.service.configure(
        mirrors({mirror("late", scene.upstream.url(), late, {"retry_first: 0.1", "retry_longest: 0.3"})}));
    scene.service.start();
    CHECK(eventually([&] { return scene.service.logged("does not exist; make it first"); }));
    scene.upstream.place().make_directory("late");
    CHECK(eventually([&] { return scene.service.logged("127.0.0.1"); }));
    scene.upstream.daemon().start();
    CHECK(scene.follows("late/good", 10s));
    CHECK(scene.service.stop().exit_code == 0);
  }

  TEST_CASE("origins are aggregated on schedule") {
    ServiceScene scene;
    scene.service.configure("origins:\n  src:\n    root: " + scene.upstream.root() +
                            "\n    aggregate: 1\n    fsync: none\n");
    scene.upstream.put("late", "x");
    scene.upstream.announce();
    const auto second = [&] { return scene.upstream.place().read("origin/RECENT-6h.yaml").value_or(""); };
    REQUIRE(second().find("path: late") == std::string::npos);
    scene.service.start();
    CHECK(eventually([&] { return second().find("path: late") != std::string::npos; }));
    scene.upstream.put("later", "x");
    scene.upstream.announce();
    CHECK(eventually([&] { return second().find("path: later") != std::string::npos; }));
    CHECK(scene.service.stop().exit_code == 0);
  }

  TEST_CASE("a reload starts, stops and restarts trees, and leaves the others undisturbed") {
    ServiceScene scene;
    scene.service.configure(mirrors({scene.good("same"), scene.good("changed"), scene.good("removed")}));
    scene.service.start();
    for (const char* name : {"same", "changed", "removed"}) REQUIRE(scene.follows(name));
    const auto same = scene.holder("same"), changed = scene.holder("changed");
    scene.service.configure(
        mirrors({scene.good("changed", {"skip_deletes: true"}), scene.good("added"), scene.good("same")}));
    scene.service.reload();
    for (const char* name : {"same", "changed", "added"}) CHECK(scene.follows(name));
    CHECK(scene.holder("same") == same);
    CHECK(scene.holder("changed") != changed);
    CHECK_FALSE(scene.follows("removed", 600ms));
    CHECK(scene.service.state_of("removed", "state").empty());
    CHECK(scene.service.stop().exit_code == 0);
  }

  TEST_CASE("a reload of a bad file is refused with its line; the trees run on") {
    ServiceScene scene;
    scene.service.configure(mirrors({scene.good()}));
    scene.service.start();
    REQUIRE(scene.follows());
    const auto before = scene.holder("good");
    scene.service.configure(mirrors({scene.good("good", {"speed: 5"}), scene.good("more")}));
    scene.service.reload();
    CHECK(scene.service.logged("reload refused: " + scene.service.file() + ":11: unknown key 'speed'"));
    scene.service.place().remove("recentd.yaml");
    scene.service.reload();
    CHECK(scene.follows());
    CHECK(scene.holder("good") == before);
    CHECK_FALSE(scene.upstream.place().exists("more"));
    CHECK(scene.service.stop().exit_code == 0);
  }

  TEST_CASE("a reload gives a failed tree another chance") {
    ServiceScene scene;
    scene.service.configure(
        mirrors({scene.good(), mirror("bad", scene.upstream.path("late"), scene.upstream.path("bad"),
                                      {"max_rsync_errors: 1"})}));
    scene.service.start();
    REQUIRE(eventually([&] { return scene.service.logged("tree failed: "); }));
    scene.upstream.place().make_link("late", "origin");
    scene.service.reload();
    CHECK(scene.follows("bad"));
    CHECK(scene.service.stop().exit_code == 0);
  }

  TEST_CASE("SIGTERM in the middle of a transfer ends within five seconds and leaves nothing behind") {
    ServiceScene scene;
    const auto& place = scene.upstream.place();
    for (int i = 0; i < 20; ++i) scene.upstream.put("big" + std::to_string(i), std::string(300'000, 'x'));
    scene.upstream.announce();
    scene.service.configure(mirrors({scene.good("good", {"rsync_option: bwlimit=600"})}));
    scene.service.start();
    REQUIRE(eventually([&] { return place.exists("good/big0") && !leftovers_in(place, "good").empty(); }));
    Patience limit(5s);
    CHECK(scene.service.stop().exit_code == 0);
    CHECK_FALSE(limit.over());
    CHECK(leftovers_in(place, "good") == std::vector<std::string>{});
    CHECK(rsyncs_for(scene.upstream.path("good")) == 0);
    CHECK_FALSE(place.exists("good/big19"));
    CHECK(scene.upstream.mirror("good").exit_code == 0);
    CHECK(place.list("good/.recentd/unfinished/partial").empty());
    CHECK(scene.upstream.difference("good") == "");
  }

  TEST_CASE("the service, a single run, and the service after a crash go on from one state") {
    ServiceScene scene;
    REQUIRE(scene.upstream.mirror("good").exit_code == 0);
    scene.service.configure(mirrors({scene.good()}));
    scene.service.start();
    REQUIRE(eventually([&] { return scene.service.state_of("good", "up_to_date") == "yes"; }));
    CHECK(scene.service.state_of("good", "synced") == "0");
    CHECK(scene.follows());
    const auto refused = scene.upstream.mirror("good");
    CHECK(refused.exit_code == 5);
    CHECK(refused.err.find("process " + std::to_string(scene.service.pid())) != std::string::npos);
    // Only what has been saved is sure to be known again: wait for the index.
    const auto published = [&] { return scene.upstream.place().read("good/RECENT-1h.yaml").value_or(""); };
    REQUIRE(eventually([&] { return published().find("path: news1") != std::string::npos; }));
    scene.service.program().send(SIGKILL);
    scene.service.program().wait();
    scene.upstream.put("later", "x");
    scene.upstream.announce();
    const auto once = scene.upstream.mirror("good", {"-v"});
    CHECK(once.exit_code == 0);
    CAPTURE(once.err);
    CHECK(once.err.find("up to date: 1 file transferred, 0 unchanged") != std::string::npos);
    scene.service.start();
    CHECK(scene.follows());
    CHECK(eventually([&] { return scene.service.state_of("good", "synced") == "1"; }));
    CHECK(scene.service.stop().exit_code == 0);
  }

  TEST_CASE("deletes that a tree of the service holds back are accepted while it runs") {
    ServiceScene scene;
    for (int i = 0; i < 20; ++i) scene.upstream.put("f" + std::to_string(i), "x");
    scene.upstream.announce();
    scene.service.configure(mirrors({scene.good("good", {"max_delete: 5"})}));
    scene.service.start();
    REQUIRE(scene.follows());
    const auto accept = [&] { return scene.upstream.mirror("good", {"--accept-deletes"}); };
    CHECK(accept().out.find("nothing is held back") == 0);
    for (int i = 0; i < 10; ++i) scene.upstream.remove("f" + std::to_string(i));
    scene.upstream.announce();
    REQUIRE(eventually([&] { return scene.service.state_of("good", "held_deletes") == "10"; }));
    CHECK(scene.follows());
    CHECK(scene.upstream.place().exists("good/f0"));
    const auto accepted = accept();
    CHECK(accepted.exit_code == 0);
    CHECK(accepted.out.find("accepted: 10 deletes; the running mirror") == 0);
    CHECK(eventually([&] { return scene.upstream.difference("good").empty(); }));
    CHECK(eventually([&] { return scene.service.state_of("good", "held_deletes") == "0"; }));
    CHECK(scene.service.stop().exit_code == 0);
  }

  TEST_CASE("a service that is stopped while deletes are held back says so by its exit code") {
    ServiceScene scene;
    scene.service.configure(mirrors({scene.good("good", {"max_delete: 0"})}));
    scene.service.start();
    REQUIRE(scene.follows());
    scene.upstream.remove("a");
    scene.upstream.announce();
    REQUIRE(eventually([&] { return scene.service.state_of("good", "held_deletes") == "1"; }));
    CHECK(scene.service.stop().exit_code == 8);
    CHECK(scene.upstream.place().exists("good/a"));
  }

  TEST_CASE("a tree's own log tells what it does, and is begun anew when it is rotated") {
    ServiceScene scene;
    const auto& place = scene.upstream.place();
    const auto log = scene.upstream.path("good.log");
    scene.service.configure(mirrors({scene.good("good", {"verboselog: " + log}), scene.good("quiet")}));
    scene.service.start();
    REQUIRE(scene.follows());
    CHECK(eventually(
        [&] { return place.read("good.log").value_or("").find(" news1 ... DONE\n") != std::string::npos; }));
    std::filesystem::rename(log, log + ".1");
    REQUIRE(scene.follows());
    CHECK(eventually(
        [&] { return place.read("good.log").value_or("").find(" news2 ... DONE\n") != std::string::npos; }));
    CHECK(place.read("good.log.1").value_or("").find(" news2 ") == std::string::npos);
    CHECK(scene.service.log().find(" ... DONE") == std::string::npos);
    CHECK(scene.service.stop().exit_code == 0);
  }

  TEST_CASE("recentd run --check prints the trees of a good file, and all mistakes of a bad one") {
    Service service;
    // As an origin and a mirror left them.
    const auto root = service.place().make_directory("src"), target = service.place().path("pub");
    REQUIRE(run_recentd({"init", root}).exit_code == 0);
    service.place().make_directory("pub/.recentd");
    service.configure("mirrors:\n  pub:\n    source: h::pub\n    target: " + target +
                      "\n    ttl: 5\norigins:\n  src: {root: " + root + "}\n");
    const auto good = run_recentd({"run", "--check", "-c", service.file()});
    CHECK(good.exit_code == 0);
    CHECK(good.out == "mirror pub\n  source: h::pub\n  target: " + target +
                          "\n  ttl: 5\norigin src\n  root: " + root + "\n");
    CHECK_MESSAGE(good.err.empty(), good.err);
    service.configure("mirrors:\n  pub:\n    source: h::pub\n    targets: /srv/pub\n");
    for (const std::vector<std::string>& line : {std::vector<std::string>{"run", "--check"}, {"run"}}) {
      auto words = line;
      words.insert(words.end(), {"-c", service.file()});
      const auto bad = run_recentd(words);
      CHECK(bad.exit_code == 2);
      CHECK(bad.out.empty());
      CHECK(bad.err ==
            service.file() + ":2: tree 'pub' needs the key 'target'\n" + service.file() +
                ":4: unknown key 'targets' (did you mean 'target'?); recentd.yaml(5) lists them\n");
    }
    CHECK(run_recentd({"run", "-c", service.place().path("none")}).exit_code == 2);
  }
}
