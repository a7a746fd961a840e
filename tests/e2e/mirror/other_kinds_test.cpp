// Links that leave the tree, and what is neither file nor link, over each transport.

#include <filesystem>

#include <doctest/doctest.h>
#include <sys/stat.h>

#include "support/upstream.hpp"

using namespace recentd::test;
namespace fs = std::filesystem;

namespace {

using Words = std::vector<std::string>;

// Stands for ssh: runs here what is to be run over there.
std::string fake_ssh(const Upstream& upstream) {
  const auto script = upstream.place().write("ssh", "#!/bin/sh\nshift\nexec sh -c \"$*\"\n");
  ::chmod(script.c_str(), 0755);
  return script;
}

// A file gives way to a link, or without a text to a FIFO, which nobody announces.
void become(Upstream& upstream, const std::string& name, const std::string& link = {}) {
  const auto path = upstream.root() + "/" + name;
  fs::remove(path);
  if (link.empty()) {
    REQUIRE(::mkfifo(path.c_str(), 0644) == 0);
  } else {
    upstream.put_link(name, link);
  }
}

}  // namespace

TEST_SUITE("e2e::other_kinds") {
  TEST_CASE(
      "what became a link out of the tree or a FIFO is gone here, over rsync, ssh and from a directory") {
    Upstream upstream;
    for (const char* name : {"d/out", "d/pipe", "in", "good"}) upstream.put(name, "old");
    upstream.init();
    const auto rsh = "rsh=" + fake_ssh(upstream);
    const std::vector<std::pair<std::string, Words>> mirrors = {
        {"m1", {upstream.url()}},
        {"m2", {"host.example:" + upstream.root(), "--rsync-option", rsh}},
        {"m3", {upstream.root()}}};
    const auto mirror = [&](const std::pair<std::string, Words>& one) {
      Words line = {"mirror", one.second.front(), upstream.path(one.first)};
      line.insert(line.end(), one.second.begin() + 1, one.second.end());
      return run_recentd(line);
    };
    for (const auto& one : mirrors) {
      CAPTURE(one.first);
      REQUIRE(mirror(one).exit_code == 0);
      REQUIRE(upstream.place().read(one.first + "/d/out") == "old");
    }
    become(upstream, "d/out", "/etc/passwd");
    become(upstream, "in", "good");
    upstream.put("d/pipe", "another");
    upstream.announce();
    become(upstream, "d/pipe");
    for (const auto& one : mirrors) {
      CAPTURE(one.first);
      const auto result = mirror(one);
      CAPTURE(result.err);
      CHECK(result.exit_code == 0);
      CHECK_FALSE(upstream.place().exists(one.first + "/d"));
      CHECK(upstream.place().link(one.first + "/in") == "good");
      CHECK(upstream.place().read(one.first + "/RECENT-1h.yaml") ==
            upstream.place().read("origin/RECENT-1h.yaml"));
    }
  }

  TEST_CASE(
      "a link that leads out of the tree is no fault of the mirror, of its own mirror, nor of an origin to "
      "be") {
    Upstream upstream({{.name = "mid", .path = "mirror", .exclude = "/.recentd/"}});
    upstream.put("good", "good");
    upstream.put_link("d/out", "/etc/passwd");
    upstream.init();
    const auto first = upstream.mirror("mirror");
    CHECK(first.exit_code == 0);
    CHECK(first.err.find("skipped a symbolic link that leaves the tree") != std::string::npos);
    const auto again = upstream.mirror("mirror");
    CHECK(again.exit_code == 0);
    CHECK(again.err.find("skipped") == std::string::npos);
    const auto target = upstream.path("mirror");
    const auto verified = run_recentd({"verify", target});
    CHECK(verified.exit_code == 0);
    CHECK(verified.out == "left_out d/out: it is a link that leads out of the tree, which no mirror takes\n");
    CHECK(run_recentd({"verify", target, "--against", upstream.url()}).exit_code == 0);
    const auto why = run_recentd({"why", "--root", target, "d/out"});
    CHECK(why.out.find("it is a link that leads out of the tree") != std::string::npos);

    const auto leaf = run_recentd({"mirror", upstream.daemon().url("mid"), upstream.path("leaf")});
    CAPTURE(leaf.err);
    CHECK(leaf.exit_code == 0);
    CHECK(upstream.place().read("leaf/good") == "good");
    CHECK(upstream.place().read("leaf/RECENT-1h.yaml") == upstream.place().read("origin/RECENT-1h.yaml"));
    CHECK(run_recentd({"verify", upstream.path("leaf")}).exit_code == 0);

    const auto promoted = run_recentd({"promote", target, "--state", upstream.path("kept")});
    CHECK(promoted.exit_code == 0);
    CHECK(promoted.err.find("d/out: it is a link that leads out of the tree") != std::string::npos);
  }

  TEST_CASE("what was left out is a file again with its next event") {
    Upstream upstream;
    upstream.put_link("out", "/etc/passwd");
    upstream.init();
    REQUIRE(upstream.mirror("m").exit_code == 0);
    upstream.remove("out");
    upstream.put("out", "a file");
    upstream.announce();
    CHECK(upstream.mirror("m").exit_code == 0);
    CHECK(upstream.place().read("m/out") == "a file");
    CHECK(run_recentd({"verify", upstream.path("m")}).out == "");
  }
}
