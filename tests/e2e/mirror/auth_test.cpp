// Every form of SOURCE that a person may write, and daemons that want a password.

#include <csignal>

#include <doctest/doctest.h>
#include <sys/stat.h>

#include "support/upstream.hpp"

using namespace recentd::test;

namespace {

// An upstream whose daemon has a second, closed module for the same tree.
struct ClosedUpstream : Upstream {
  ClosedUpstream() : Upstream({{.name = "closed", .path = "origin", .user = "eve", .password = "s3 cret#"}}) {
    put("a", "1");
    put("d/with space", "2");
    init();
  }
  std::string closed_url() {
    auto url = daemon().url("closed");
    return url.insert(url.find("//") + 2, "eve@");
  }
};

void mirrors(const Upstream& upstream, const std::string& source, const std::string& target,
             const std::vector<std::string>& options = {}, const Environment& environment = {}) {
  CAPTURE(source);
  std::vector<std::string> words = {"mirror", source, upstream.path(target), "--fsync", "none"};
  words.insert(words.end(), options.begin(), options.end());
  const auto result = run_recentd(words, environment);
  CHECK(but_for_first_copy(result.err) == "");
  CHECK(result.out == "");
  CHECK(result.exit_code == 0);
  CHECK(upstream.difference(target) == "");
}

// ssh as far as rsync can tell: drops the host and hands the rest to a shell. Notes its arguments.
std::string fake_ssh(const Upstream& upstream) {
  const auto script = upstream.place().write(
      "ssh", "#!/bin/sh\necho \"$*\" >> '" + upstream.path("ssh.log") +
                 "'\nif [ \"$1\" = -l ]; then shift 2; fi\nshift\nexec sh -c \"$*\"\n");
  ::chmod(script.c_str(), 0755);
  return script;
}

}  // namespace

TEST_SUITE("e2e::auth") {
  TEST_CASE("a daemon's password comes from RSYNC_PASSWORD") {
    ClosedUpstream upstream;
    mirrors(upstream, upstream.closed_url(), "mirror", {}, {{"RSYNC_PASSWORD", "s3 cret#"}});
  }

  TEST_CASE("a daemon's password comes from a file, which wins over RSYNC_PASSWORD") {
    ClosedUpstream upstream;
    const auto file = upstream.place().write("password", "s3 cret#\n");
    ::chmod(file.c_str(), 0600);
    mirrors(upstream, upstream.closed_url(), "mirror", {"--password-file", file});
    mirrors(upstream, upstream.closed_url(), "again", {"--password-file", file},
            {{"RSYNC_PASSWORD", "wrong"}});
  }

  TEST_CASE("the password is nowhere below the target and in no argument of rsync") {
    ClosedUpstream upstream;
    const auto log = upstream.path("arguments");
    const auto spy =
        upstream.place().write("spy", "#!/bin/sh\nprintf '%s ' \"$@\" >> '" + log + "'\nexec rsync \"$@\"\n");
    ::chmod(spy.c_str(), 0755);
    mirrors(upstream, upstream.closed_url(), "mirror", {"--rsync", spy}, {{"RSYNC_PASSWORD", "s3 cret#"}});
    const auto arguments = read_file(log).value();
    CHECK(arguments.find("--files-from=-") != std::string::npos);
    CHECK(arguments.find("s3 cret#") == std::string::npos);
    for (const auto& name : upstream.place().list("mirror")) {
      if (name.ends_with('/')) continue;
      CAPTURE(name);
      CHECK(upstream.place().read("mirror/" + name).value_or("").find("s3 cret#") == std::string::npos);
    }
  }

  TEST_CASE("a password in the address is used, and shown nowhere, and a file is recommended") {
    ClosedUpstream upstream;
    auto url = upstream.closed_url();
    url.insert(url.find('@'), ":s3%20cret%23");
    const auto has_secret = [](const std::string& text) {
      return text.find("%20cret") != std::string::npos || text.find(" cret") != std::string::npos;
    };
    const auto log = upstream.path("seen");
    const auto spy = upstream.place().write(
        "spy", "#!/bin/sh\n(cat /proc/$PPID/cmdline; echo \"$@\") >> '" + log + "'\nexec rsync \"$@\"\n");
    ::chmod(spy.c_str(), 0755);
    const auto target = upstream.path("mirror");
    const auto hook = upstream.place().write("hook", "#!/bin/sh\nenv >> '" + log + "'\n");
    ::chmod(hook.c_str(), 0755);
    for (const std::vector<std::string>& words :
         {std::vector<std::string>{"mirror", url, target, "--rsync", spy, "--after-publish", hook, "-v"},
          {"verify", target, "--against", url, "--rsync", spy},
          {"fsck", upstream.root(), "--repair=index", "--from", url, "--settle", "0"},
          {"why", target + "/a"}}) {
      CAPTURE(words.front());
      const auto result = run_recentd(words);
      CAPTURE(result.err);
      CHECK(result.exit_code == 0);
      CHECK_FALSE(has_secret(result.out + result.err));
      if (words.front() != "why") CHECK(result.err.find("--password-file") != std::string::npos);
    }
    CHECK(upstream.difference("mirror") == "");
    CHECK_FALSE(has_secret(upstream.place().read("seen").value()));
    for (const auto& name : upstream.place().list("mirror"))
      if (!name.ends_with('/')) CHECK_FALSE(has_secret(upstream.place().read("mirror/" + name).value_or("")));
    // What goes wrong shows it neither.
    auto wrong = url;
    wrong.insert(wrong.find("%20"), "x");
    for (const std::vector<std::string>& words :
         {std::vector<std::string>{"mirror", wrong, target},
          {"mirror", url, url, target},
          {"mirror", target, url},
          {"mirror", url + "/../x", target},
          {"verify", target, "--against", wrong},
          {"fsck", upstream.root(), "--repair=index", "--from", wrong},
          {"promote", target, url}}) {
      CAPTURE(words.front());
      const auto result = run_recentd(words);
      CHECK(result.exit_code != 0);
      CHECK_FALSE(has_secret(result.out + result.err));
    }
    const auto config =
        upstream.place().write("recentd.yaml", "mirrors:\n  t:\n    source: ['" + url + "', '" + url +
                                                   "']\n    target: " + target + "\n");
    const auto check = run_recentd({"run", "--check", "--config", config});
    CHECK_FALSE(has_secret(check.out + check.err));
  }

  TEST_CASE("all forms of a daemon's address do") {
    ClosedUpstream upstream;
    const auto port = std::to_string(upstream.daemon().port());
    mirrors(upstream, "rsync://127.0.0.1:" + port + "/pub", "m1");
    mirrors(upstream, "rsync://127.0.0.1:" + port + "/pub/", "m2");
    mirrors(upstream, "rsync://127.0.0.1:" + port + "/pub/RECENT.recent", "m3");
    mirrors(upstream, "rsync://127.0.0.1:" + port + "/pub/RECENT-1h.yaml", "m4");
    mirrors(upstream, "127.0.0.1::pub", "m5", {"--rsync-option", "port=" + port});
    mirrors(upstream, "127.0.0.1::pub/RECENT.recent", "m6", {"--rsync-option", "port=" + port});
    mirrors(upstream, "eve@127.0.0.1::closed", "m7", {"--rsync-option", "port=" + port},
            {{"RSYNC_PASSWORD", "s3 cret#"}});
  }

  TEST_CASE("a tree in a directory of a module is mirrored") {
    const std::vector<RsyncModule> modules = {{.name = "top", .path = "."}};
    Upstream upstream(modules);
    upstream.put("a", "1");
    upstream.init();
    mirrors(upstream, upstream.daemon().url("top", "origin"), "mirror");
    mirrors(upstream, upstream.daemon().url("top", "origin/RECENT.recent"), "mirror2");
  }

  TEST_CASE("a local directory is a source, with and without the index at its end") {
    ClosedUpstream upstream;
    mirrors(upstream, upstream.root(), "m1");
    mirrors(upstream, upstream.root() + "/", "m2");
    mirrors(upstream, upstream.root() + "/RECENT.recent", "m3");
    mirrors(upstream, upstream.root() + "/RECENT-1h.yaml", "m4");
  }

  TEST_CASE("a local directory with a colon or a space in its name is a source") {
    ClosedUpstream upstream;
    upstream.place().make_link("odd: name", "origin");
    mirrors(upstream, upstream.path("odd: name"), "mirror");
  }

  TEST_CASE("ssh is a source, with and without a user and the index") {
    ClosedUpstream upstream;
    const auto rsh = "rsh=" + fake_ssh(upstream);
    mirrors(upstream, "eve@host.example:" + upstream.root(), "m1", {"--rsync-option", rsh});
    mirrors(upstream, "host.example:" + upstream.root() + "/RECENT.recent", "m2", {"--rsync-option", rsh});
    const auto log = upstream.place().read("ssh.log").value();
    CHECK(log.find("-l eve host.example rsync --server --sender") != std::string::npos);
    upstream.put("later", "x");
    upstream.announce();
    mirrors(upstream, "eve@host.example:" + upstream.root(), "m1", {"--rsync-option", rsh});
  }

  TEST_CASE("another filenameroot is found by itself, or named") {
    Upstream upstream;
    upstream.put("a", "1");
    upstream.put("RECENT-1h.yaml", "content here");
    upstream.init({"--filenameroot", "CPAN"});
    CHECK(upstream.place().exists("origin/CPAN.recent"));
    CHECK_FALSE(upstream.place().exists("origin/RECENT.recent"));
    for (const std::string behind : {"", "CPAN.recent", "CPAN-1h.yaml"}) {
      const auto target = "m" + behind;
      REQUIRE(upstream.mirror(target, {}).exit_code == 0);
      CHECK(upstream.place().read(target + "/a") == "1");
      CHECK(upstream.place().read(target + "/RECENT-1h.yaml") == "content here");
      CHECK(upstream.place().link(target + "/CPAN.recent") == "CPAN-1h.yaml");
    }
  }

  TEST_CASE("several filenameroots have to be told apart") {
    Upstream upstream;
    upstream.put("a", "1");
    upstream.init({"--filenameroot", "ONE"});
    upstream.init({"--filenameroot", "TWO"});
    const auto result = upstream.mirror("mirror");
    CHECK(result.exit_code == 2);
    CHECK(result.err.find("ONE.recent") != std::string::npos);
    CHECK(result.err.find("TWO.recent") != std::string::npos);
    const auto named =
        run_recentd({"mirror", upstream.url("TWO.recent"), upstream.path("mirror"), "--fsync", "none"});
    CHECK(named.exit_code == 0);
    CHECK(upstream.place().read("mirror/a") == "1");
  }

  TEST_CASE("the drop-in name mirrors with the reference's options") {
    ClosedUpstream upstream;
    upstream.place().make_link("rrr-client", RECENTD_PROGRAM);
    upstream.place().make_directory("mirror");
    Program client({upstream.path("rrr-client"), "--source", upstream.url("RECENT.recent"), "--target",
                    upstream.path("mirror")});
    CHECK(eventually([&] { return upstream.place().exists("mirror/RECENT-Z.yaml"); }));
    CHECK(eventually([&] { return upstream.difference("mirror").empty(); }));
    client.send(SIGTERM);
    CHECK(client.wait(std::chrono::seconds(10)).exit_code == 0);
  }
}
