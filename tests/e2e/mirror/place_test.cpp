// A mirror begins only where it may: what operators name by mistake, what is no mirror, and what is not
// mounted.

#include <csignal>
#include <filesystem>

#include <doctest/doctest.h>

#include "support/service.hpp"
#include "support/snapshot.hpp"
#include "support/upstream.hpp"

using namespace recentd::test;

namespace {

using Words = std::vector<std::string>;

bool has(const std::string& text, const std::string& words) {
  return text.find(words) != std::string::npos;
}

// An origin with a mirror that is served, too, as module `mid`.
struct Pair {
  Pair() : upstream({{.name = "mid", .path = "mirror", .exclude = "/.recentd/"}}) {
    for (const char* name : {"a", "d/b", "d/c"}) upstream.put(name, name);
    upstream.init();
    REQUIRE(upstream.mirror("mirror").exit_code == 0);
  }
  [[nodiscard]] std::string mid() { return upstream.daemon().url("mid"); }
  void move_on() {
    upstream.put("a", "newer");
    upstream.put("g", "g");
    upstream.announce();
  }
  Upstream upstream;
};

ProgramResult mirror(const std::string& source, const std::string& target, Words options = {}) {
  options.insert(options.begin(), {"mirror", source, target, "--fsync", "none"});
  return run_recentd(options);
}

}  // namespace

TEST_SUITE("e2e::place") {
  TEST_CASE("the root, the system's directories and homes are refused by every command, with code 8") {
    const TempTree tree;
    // Whoever was admitted would find no index there.
    const auto empty = tree.make_directory("empty");
    tree.make_link("link", "/etc");
    tree.make_link("rrr-client", RECENTD_PROGRAM);
    for (const std::string& place :
         {std::string("/"), std::string("/etc"), std::string("/usr/"), std::string("/root"),
          std::string("/home"), std::string("/proc/self"), tree.path("link")}) {
      CAPTURE(place);
      for (const Words& line : {Words{"mirror", empty, place}, Words{"mirror", "--loop", empty, place},
                                Words{"mirror", empty, place, "--path", "a"}, Words{"init", place}}) {
        const auto result = run_recentd(line);
        CHECK(result.exit_code == 8);
        CHECK(has(result.err, "nothing was changed"));
      }
      const auto client = run_program({tree.path("rrr-client"), "--source", empty, "--target", place});
      CHECK(client.exit_code == 255);
      CHECK(has(client.err, "nothing was changed"));
    }
    const auto file =
        tree.write("recentd.yaml", "mirrors:\n  a: {source: " + empty + ", target: /etc, create: true}\n");
    CHECK(run_recentd({"run", "-c", file}).exit_code == 8);
    CHECK(has(run_recentd({"run", "--check", "-c", file}).err, "'/etc' is a directory of the system"));
    // It is an order for one run.
    CHECK(run_recentd({"mirror", empty, tree.path("new"), "--force-target"}).exit_code == 3);
    const auto forced = tree.write(
        "forced.yaml", "mirrors:\n  a: {source: " + empty + ", target: /etc, force_target: true}\n");
    CHECK(has(run_recentd({"run", "-c", forced}).err, "unknown key 'force_target'"));
  }

  TEST_CASE("the parent of another tree is refused, and with --force-target that tree is left alone") {
    Pair pair;
    const auto& place = pair.upstream.place();
    (void)place.write("up/x", "x");
    (void)place.write("up/mirrors/pub/a", "of the outer upstream");
    REQUIRE(run_recentd({"init", place.path("up")}).exit_code == 0);
    REQUIRE(mirror(pair.upstream.url(), place.make_directory("all/mirrors") + "/pub").exit_code == 0);
    (void)place.write("all/mirrors/pub/own", "an operator's");
    (void)place.write("all/stray", "x");
    const auto before = snapshot(place.path("all"));
    const auto refused = mirror(place.path("up"), place.path("all"), {"--prune"});
    CHECK(refused.exit_code == 8);
    CHECK(has(refused.err, "holds another tree, '" + place.path("all/mirrors/pub") + "'"));
    CHECK(changes(before, snapshot(place.path("all"))) == "");
    const auto forced = mirror(place.path("up"), place.path("all"), {"--prune", "--force-target"});
    CHECK(forced.exit_code == 0);
    CHECK(has(forced.err, "left alone"));
    CHECK(place.read("all/x") == "x");
    CHECK_FALSE(place.exists("all/stray"));
    CHECK(place.read("all/mirrors/pub/own") == "an operator's");
    CHECK(place.read("all/mirrors/pub/a") == "a");
    const auto named = mirror(place.path("up"), place.path("all"), {"--path", "mirrors/pub/a"});
    CHECK(named.exit_code == 8);
    CHECK(place.read("all/mirrors/pub/a") == "a");
    // What the outer upstream deletes there is not the inner tree's loss.
    REQUIRE(run_recentd({"update", place.path("up"), "--delete", "mirrors/pub/a"}).exit_code == 0);
    CHECK(mirror(place.path("up"), place.path("all"), {"--prune"}).exit_code == 0);
    CHECK(place.read("all/mirrors/pub/a") == "a");
    CHECK(mirror(pair.upstream.url(), place.path("all/mirrors/pub")).exit_code == 0);
  }

  TEST_CASE("swapped operands do not overwrite the origin with its mirror") {
    Pair pair;
    pair.move_on();
    const auto before = snapshot(pair.upstream.root());
    for (const auto& source : {pair.mid(), pair.upstream.path("mirror")}) {
      const auto result = mirror(source, pair.upstream.root());
      CHECK(result.exit_code == 8);
      CHECK(has(result.err, "the operands are swapped"));
      CHECK(has(result.err, "is newer than the source's"));
    }
    CHECK(mirror(pair.mid(), pair.upstream.root(), {"--path", "a"}).exit_code == 8);
    CHECK(mirror(pair.mid(), pair.upstream.root(), {"--loop"}).exit_code == 8);
    CHECK(changes(before, snapshot(pair.upstream.root())) == "");
    CHECK(run_recentd({"update", pair.upstream.root(), "--new", "g"}).exit_code == 0);
    // Even who says that it is one does not throw away what the source has not.
    CHECK(mirror(pair.mid(), pair.upstream.root(), {"--adopt"}).exit_code == 8);
    CHECK(pair.upstream.place().read("origin/a") == "newer");
    CHECK(run_recentd({"update", pair.upstream.root(), "--new", "g"}).exit_code == 0);
    CHECK(pair.upstream.mirror("mirror").exit_code == 0);
    CHECK(pair.upstream.difference("mirror") == "");
  }

  TEST_CASE("another tree's origin is not mirrored over, however new the source is") {
    Pair pair;
    const auto& place = pair.upstream.place();
    (void)place.write("other/a", "of another tree");
    REQUIRE(run_recentd({"init", place.path("other")}).exit_code == 0);
    pair.move_on();
    const auto before = snapshot(place.path("other"));
    CHECK(pair.upstream.mirror("other").exit_code == 8);
    CHECK(changes(before, snapshot(place.path("other"))) == "");
    // A source without an index is no source to compare with.
    place.make_directory("empty");
    CHECK(mirror(place.path("empty"), place.path("other")).exit_code == 3);
    CHECK(changes(before, snapshot(place.path("other"))) == "");
  }

  TEST_CASE("a mirror that lost its state, or that another program made, is known by its index") {
    Pair pair;
    const auto& place = pair.upstream.place();
    place.remove("mirror/.recentd");
    pair.move_on();
    CHECK(pair.upstream.mirror("mirror").exit_code == 0);
    CHECK(pair.upstream.difference("mirror") == "");
    // What was visible here is what no source may fall behind.
    place.remove("mirror/.recentd");
    const auto index = place.read("mirror/RECENT-1h.yaml").value();
    (void)place.write("broken/RECENT-1h.yaml", "no index");
    CHECK(pair.upstream.mirror("broken").exit_code == 8);
    CHECK(pair.upstream.mirror("broken", {"--adopt"}).exit_code == 0);
    CHECK(place.read("broken/RECENT-1h.yaml") == index);
  }

  TEST_CASE(
      "a service waits where its target is not mounted, and a single run says that it begins a first copy") {
    Pair pair;
    const auto& place = pair.upstream.place();
    const auto disk = place.make_directory("disk");
    const auto configure = [&](const Service& service, const std::string& more) {
      service.configure("mirrors:\n  pub:\n    source: " + pair.upstream.url() + "\n    target: " + disk +
                        "\n    retry_first: 0.1\n    fsync: none\n" + more);
    };
    {
      Service service;
      configure(service, "");
      service.start();
      CHECK(eventually([&] { return service.logged("its file system is not mounted"); }));
      CHECK(place.list("disk").empty());
      // It comes, and all goes on.
      std::filesystem::remove(disk);
      std::filesystem::rename(place.path("mirror"), disk);
      pair.move_on();
      CHECK(eventually([&] { return place.read("disk/a") == "newer"; }));
      CHECK(service.stop().exit_code == 0);
    }
    place.remove("disk");
    place.make_directory("disk");
    const auto once = pair.upstream.mirror("disk");
    CHECK(once.exit_code == 0);
    CHECK(has(once.err, "a first copy begins"));
    CHECK_FALSE(has(pair.upstream.mirror("disk").err, "a first copy begins"));
    place.remove("disk");
    Service service;
    configure(service, "    create: true\n");
    service.start();
    CHECK(eventually([&] { return place.read("disk/a") == "newer"; }));
  }

  TEST_CASE("trees that lie in each other are told by init, the first pass and run --check") {
    Pair pair;
    const auto& place = pair.upstream.place();
    const auto inner = pair.upstream.root() + "/CPAN";
    (void)place.write("other/c", "c");
    REQUIRE(run_recentd({"init", place.path("other")}).exit_code == 0);
    const auto first = mirror(place.path("other"), inner);
    CHECK(first.exit_code == 0);
    CHECK(has(first.err, "lies inside another tree, '" + pair.upstream.root() + "'"));
    CHECK_FALSE(has(mirror(place.path("other"), inner).err, "another tree"));
    const auto check = place.write(
        "recentd.yaml", "mirrors:\n  in: {source: '" + place.path("other") + "', target: " + inner +
                            "}\norigins:\n  out: {root: " + pair.upstream.root() + "}\n");
    const auto told = run_recentd({"run", "--check", "-c", check});
    CHECK(told.exit_code == 0);
    CHECK(has(told.err, "tree 'in' (line 2): '" + inner + "' lies inside '" + pair.upstream.root() + "'"));
    place.make_directory("top");
    std::filesystem::rename(place.path("other"), place.path("top/other"));
    CHECK(has(run_recentd({"init", place.path("top")}).err, "holds another tree"));
  }

  TEST_CASE(
      "a target that is written like another host's address is refused with code 2 by all that take one") {
    const TempTree tree;
    const auto source = tree.make_directory("source");
    tree.make_link("rrr-client", RECENTD_PROGRAM);
    tree.make_link("rsync", "/bin/false");
    const Environment path = {{"PATH", tree.path()}};
    for (const char* target : {"rsync://127.0.0.1:1/pub", "host::pub", "user@host:pub", "[::1]:pub"}) {
      CAPTURE(target);
      for (const Words& options :
           {Words{}, Words{"--loop"}, Words{"--path", "a"}, Words{"--adopt"}, Words{"--force-target"}}) {
        Words line = {"mirror", source, target};
        line.insert(line.end(), options.begin(), options.end());
        const auto result = run_recentd(line, path);
        CHECK(result.exit_code == 2);
        CHECK(has(result.err, "the operands are SOURCE TARGET"));
      }
      CHECK(run_recentd({"mirror", source, tree.path("more"), target}, path).exit_code == 2);
      CHECK(run_program({tree.path("rrr-client"), "--source", source, "--target", target}, path).exit_code ==
            255);
      const auto file =
          tree.write("recentd.yaml", "mirrors:\n  a: {source: " + source + ", target: '" + target + "'}\n");
      CHECK(run_recentd({"run", "-c", file}).exit_code == 2);
    }
    CHECK(tree.list("source").empty());
  }
}
