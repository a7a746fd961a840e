// What a person can get wrong: one line that says what to do, the documented exit code, nothing changed on
// disk.

#include <algorithm>
#include <filesystem>

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/snapshot.hpp"
#include "support/upstream.hpp"

using namespace recentd::test;
namespace fs = std::filesystem;

namespace {

using Words = std::vector<std::string>;

// Warnings (an old rsync, say) may stand before the one line.
std::string last_words(const std::string& err) {
  std::string kept;
  for (std::size_t at = 0; at < err.size();) {
    const auto end = std::min(err.find('\n', at), err.size());
    const auto line = err.substr(at, end - at);
    if (line.find(" warning ") == std::string::npos) kept += line + "\n";
    at = end + 1;
  }
  return kept;
}

// Runs the command and expects this exit code, one line that holds `hint`, and an unchanged place.
void refused(const Upstream& upstream, const Words& command, int code, const std::string& hint,
             const Environment& environment = {}) {
  const auto before = snapshot(upstream.place().path());
  const auto result = run_program(command, environment);
  const auto words = last_words(result.err);
  CAPTURE(result.err);
  CHECK(result.exit_code == code);
  CHECK(std::count(words.begin(), words.end(), '\n') == 1);
  CHECK(words.starts_with("recentd"));
  CHECK(words.find(hint) != std::string::npos);
  CHECK(result.out == "");
  CHECK(changes(before, snapshot(upstream.place().path())) == "");
}

Words ours(Words arguments) {
  arguments.insert(arguments.begin(), RECENTD_PROGRAM);
  return arguments;
}

// An origin with some files and a complete index.
void make_origin(Upstream& upstream, const Words& options = {}) {
  upstream.put("a", "1");
  upstream.put("d/b", "2");
  upstream.init(options);
}

std::string principal(const Upstream& upstream) {
  return upstream.root() + "/RECENT-1h.yaml";
}

// Replaces the bytes in place.
void damage(const Upstream& upstream, const std::string& bytes) {
  (void)upstream.place().write("origin/RECENT-1h.yaml", bytes);
}

// The command as a user without rights; the place is opened for it.
Words as_nobody(const Upstream& upstream, Words command) {
  ::chmod(upstream.place().path().c_str(), 0755);
  if (::geteuid() != 0) return command;
  const auto copy = upstream.path("recentd");
  fs::copy_file(RECENTD_PROGRAM, copy);
  command[0] = copy;
  const Words prefix = {"setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"};
  command.insert(command.begin(), prefix.begin(), prefix.end());
  return command;
}

// All writers and the mirror of a local copy meet this index.
void everybody_refuses(const Upstream& upstream, int code, const std::string& hint) {
  refused(upstream, ours({"update", upstream.root(), "--new", "a"}), code, hint);
  refused(upstream, ours({"update", upstream.root()}), code, hint);
  refused(upstream, ours({"aggregate", upstream.root()}), code, hint);
  refused(upstream, ours({"aggregate", upstream.root(), "--force"}), code, hint);
  refused(upstream, ours({"mirror", upstream.root(), upstream.path("mirror")}), code, hint);
  refused(upstream, ours({"mirror", upstream.url(), upstream.path("mirror")}), code, hint);
}

}  // namespace

TEST_SUITE("e2e::bad_input") {
  TEST_CASE("an unknown interval") {
    Upstream upstream;
    upstream.put("a", "1");
    for (const std::string spec : {"1x", "h", "", "-1h", "1 h", "99999999999999999999Y"}) {
      CAPTURE(spec);
      refused(upstream, ours({"init", upstream.root(), "--interval", spec}), 2, "interval");
      refused(upstream, ours({"init", upstream.root(), "--aggregator", "6h," + spec + ",Z"}), 2, "interval");
    }
    refused(upstream, ours({"init", upstream.root(), "--aggregator", "24h,1d,Z"}), 2, "1d");
  }

  TEST_CASE("an aggregator without Z") {
    Upstream upstream;
    upstream.put("a", "1");
    refused(upstream, ours({"init", upstream.root(), "--aggregator", "6h,1d"}), 2, "--no-z");
    CHECK(run_recentd({"init", upstream.root(), "--aggregator", "6h,1d", "--no-z"}).exit_code == 0);
  }

  TEST_CASE("a path outside the root is refused, the others are registered") {
    Upstream upstream;
    make_origin(upstream);
    (void)upstream.place().write("outside", "x");
    for (const std::string path : {"../outside", "d/../../outside", "/etc/passwd"}) {
      CAPTURE(path);
      refused(upstream, ours({"update", upstream.root(), "--new", path}), 8, "cannot be registered");
    }
    refused(upstream, ours({"update", upstream.root(), "--new", upstream.path("outside")}), 8,
            "cannot be registered");
    const auto result = run_recentd({"update", upstream.root(), "--new", "../outside", "--new", "a"});
    CHECK(result.exit_code == 8);
    const auto index = upstream.place().read("origin/RECENT-1h.yaml").value();
    CHECK(index.find("outside") == std::string::npos);
    CHECK(index.find("path: a") != std::string::npos);
  }

  TEST_CASE("a missing root") {
    Upstream upstream;
    const auto nowhere = upstream.path("nowhere");
    refused(upstream, ours({"init", nowhere}), 3, "nowhere");
    refused(upstream, ours({"update", nowhere, "--new", "a"}), 3, "nowhere");
    refused(upstream, ours({"aggregate", nowhere}), 3, "nowhere");
    refused(upstream, ours({"mirror", nowhere, upstream.path("mirror")}), 3, "nowhere");
    refused(upstream, ours({"mirror", upstream.url("nowhere"), upstream.path("mirror")}), 3, "check");
    refused(upstream, ours({"mirror", upstream.daemon().url("nomodule"), upstream.path("mirror")}), 3,
            "module");
    refused(upstream, ours({"mirror", upstream.url(), upstream.path("no/parent")}), 3, "mkdir");
  }

  TEST_CASE("a root without an index") {
    Upstream upstream;
    upstream.put("a", "1");
    refused(upstream, ours({"update", upstream.root(), "--new", "a"}), 3, "recentd init");
    refused(upstream, ours({"aggregate", upstream.root()}), 3, "recentd init");
    refused(upstream, ours({"mirror", upstream.url(), upstream.path("mirror")}), 3, "recentd init");
    refused(upstream, ours({"mirror", upstream.root(), upstream.path("mirror")}), 3, "recentd init");
  }

  TEST_CASE("a source that names an index which is not there") {
    Upstream upstream;
    make_origin(upstream);
    refused(upstream, ours({"mirror", upstream.url("OTHER.recent"), upstream.path("mirror")}), 3,
            "OTHER.recent");
    refused(upstream, ours({"mirror", upstream.url("RECENT-2h.yaml"), upstream.path("mirror")}), 3,
            "RECENT-2h.yaml");
  }

  TEST_CASE("an unreadable index") {
    Upstream upstream;
    make_origin(upstream);
    ::chmod(principal(upstream).c_str(), 0);
    refused(upstream, as_nobody(upstream, ours({"mirror", upstream.root(), upstream.path("mirror")})), 7, "");
    fs::remove(upstream.path("recentd"));
    fs::remove(principal(upstream));
    fs::create_directory(principal(upstream));
    refused(upstream, ours({"update", upstream.root(), "--new", "a"}), 7, "RECENT-1h.yaml");
    refused(upstream, ours({"aggregate", upstream.root()}), 7, "RECENT-1h.yaml");
  }

  TEST_CASE("a writer that may not read the index, or not write the root") {
    Upstream upstream;
    make_origin(upstream);
    refused(upstream, as_nobody(upstream, ours({"update", upstream.root(), "--new", "a"})), 7, "");
    fs::remove(upstream.path("recentd"));
    ::chmod(principal(upstream).c_str(), 0);
    refused(upstream, as_nobody(upstream, ours({"update", upstream.root(), "--new", "a"})), 7, "");
  }

  TEST_CASE("an index that was cut in the middle, at a line, between two events, or is empty") {
    Upstream upstream;
    for (int i = 0; i < 20; ++i) upstream.put("file" + std::to_string(i), "x");
    upstream.init();
    const auto whole = upstream.place().read("origin/RECENT-1h.yaml").value();
    const auto events = whole.find("recent:");
    const auto event = whole.rfind("  - \n");
    for (const auto size : {std::size_t{0}, std::size_t{3}, events - 20, events, events + 60, event,
                            event + 10, whole.size() - 3}) {
      CAPTURE(size);
      damage(upstream, whole.substr(0, size));
      everybody_refuses(upstream, 4, "RECENT-1h.yaml");
    }
  }

  TEST_CASE("an index that is no index") {
    Upstream upstream;
    make_origin(upstream);
    for (const std::string bytes :
         {"hello\n", "- 1\n- 2\n", "\x01\x02\xff\xfe", "{}\n", "meta: {}\nrecent: 7\n"}) {
      CAPTURE(bytes);
      damage(upstream, bytes);
      everybody_refuses(upstream, 4, "RECENT-1h.yaml");
    }
  }

  TEST_CASE("an index of a newer protocol") {
    Upstream upstream;
    make_origin(upstream);
    auto text = upstream.place().read("origin/RECENT-1h.yaml").value();
    const auto at = text.find("protocol: 1");
    REQUIRE(at != std::string::npos);
    text.replace(at, 11, "protocol: 2");
    damage(upstream, text);
    everybody_refuses(upstream, 4, "protocol");
  }

  TEST_CASE("an index in place of a mirror's good one is not taken") {
    Upstream upstream;
    make_origin(upstream);
    REQUIRE(upstream.mirror("mirror").exit_code == 0);
    const auto content = upstream.place().read("mirror/RECENT-1h.yaml");
    damage(upstream, content->substr(0, content->size() - 40));
    const auto result = upstream.mirror("mirror");
    CHECK(result.exit_code == 4);
    CHECK(upstream.place().read("mirror/RECENT-1h.yaml") == content);
    CHECK(upstream.place().read("mirror/a") == "1");
    damage(upstream, *content);
    CHECK(upstream.mirror("mirror").exit_code == 0);
  }

  TEST_CASE("init where an index exists, valid or not") {
    Upstream upstream;
    make_origin(upstream);
    refused(upstream, ours({"init", upstream.root()}), 8, "recentd update");
    refused(upstream, ours({"init", upstream.root(), "--interval", "2h"}), 8, "recentd update");
    damage(upstream, "");
    refused(upstream, ours({"init", upstream.root()}), 8, "--force");
  }

  TEST_CASE("an epoch that is no number or lies in the future") {
    Upstream upstream;
    make_origin(upstream);
    for (const std::string epoch : {"yesterday", "", "1e9", "0x10", "1.2.3", "nan", "-5"}) {
      CAPTURE(epoch);
      refused(upstream, ours({"update", upstream.root(), "--new", "a", "--epoch", epoch}), 2, "epoch");
    }
    refused(upstream, ours({"update", upstream.root(), "--new", "a", "--epoch", "9999999999"}), 2, "future");
    refused(upstream, ours({"mirror", upstream.url(), upstream.path("mirror"), "--after", "soon"}), 2,
            "after");
  }

  TEST_CASE("a bad record on stdin") {
    Upstream upstream;
    make_origin(upstream);
    for (const std::string record : {"new a\n", "newer\ta\n", "new@x\ta\n", "\n", "new\t\n"}) {
      CAPTURE(record);
      const auto before = snapshot(upstream.place().path());
      const auto result = run_recentd({"update", upstream.root(), "--stdin"}, {}, record);
      CHECK(result.exit_code == 2);
      CHECK(std::count(result.err.begin(), result.err.end(), '\n') == 1);
      CHECK(changes(before, snapshot(upstream.place().path())) == "");
    }
  }

  TEST_CASE("rsync is missing, too old, or something else") {
    Upstream upstream;
    make_origin(upstream);
    const auto mirror = [&](const std::string& rsync) {
      return ours({"mirror", "--rsync", rsync, upstream.url(), upstream.path("mirror")});
    };
    refused(upstream, mirror("/nonexistent/rsync"), 6, "install rsync");
    const auto old =
        upstream.place().write("old", "#!/bin/sh\necho 'rsync  version 3.1.3  protocol version 31'\n");
    ::chmod(old.c_str(), 0755);
    refused(upstream, mirror(old), 6, "3.2.7");
    refused(upstream, mirror("/bin/true"), 6, "no rsync");
    refused(upstream, mirror(upstream.root()), 6, "install rsync");
  }

  TEST_CASE("a daemon that is not there") {
    Upstream upstream;
    make_origin(upstream);
    upstream.daemon().stop();
    refused(upstream, ours({"mirror", upstream.url(), upstream.path("mirror")}), 6, "is the upstream up?");
  }

  TEST_CASE("a wrong or missing password") {
    Upstream upstream({{.name = "closed", .path = "origin", .user = "eve", .password = "right"}});
    make_origin(upstream);
    auto url = upstream.daemon().url("closed");
    url.insert(url.find("//") + 2, "eve@");
    const auto command = ours({"mirror", url, upstream.path("mirror")});
    refused(upstream, command, 6, "RSYNC_PASSWORD", {{"RSYNC_PASSWORD", "wrong"}});
    refused(upstream, command, 6, "RSYNC_PASSWORD", {{"RSYNC_PASSWORD", ""}});
    const auto file = upstream.place().write("password", "wrong\n");
    auto with_file = command;
    with_file.insert(with_file.end(), {"--password-file", file});
    refused(upstream, with_file, 2, "chmod 600");
    ::chmod(file.c_str(), 0600);
    refused(upstream, with_file, 6, "--password-file");
    fs::remove(file);
    refused(upstream, with_file, 3, "password");
  }

  TEST_CASE("a target that is not writable, or no directory") {
    Upstream upstream;
    make_origin(upstream);
    fs::create_directory(upstream.path("mirror"));
    ::chmod(upstream.path("mirror").c_str(), 0555);
    const auto command = ours({"mirror", upstream.url(), upstream.path("mirror")});
    refused(upstream, as_nobody(upstream, command), 7, "not writable");
    (void)upstream.place().write("file", "x");
    refused(upstream, ours({"mirror", upstream.url(), upstream.path("file")}), 7, "directory");
    refused(upstream, ours({"mirror", upstream.url(), ""}), 2, "target");
  }

  TEST_CASE("a target equal to or inside the source") {
    Upstream upstream;
    make_origin(upstream);
    refused(upstream, ours({"mirror", upstream.root(), upstream.root()}), 8, "outside");
    refused(upstream, ours({"mirror", upstream.root() + "/", upstream.root() + "/."}), 8, "outside");
    refused(upstream, ours({"mirror", upstream.root() + "/RECENT.recent", upstream.root()}), 8, "outside");
    refused(upstream, ours({"mirror", upstream.root(), upstream.root() + "/d"}), 8, "outside");
    refused(upstream, ours({"mirror", upstream.root(), upstream.root() + "/new"}), 8, "outside");
    upstream.place().make_link("alias", "origin");
    refused(upstream, ours({"mirror", upstream.root(), upstream.path("alias")}), 8, "outside");
  }

  TEST_CASE("a second mirror on one target") {
    Upstream upstream;
    make_origin(upstream);
    Program first(
        {RECENTD_PROGRAM, "mirror", "--loop", "--ttl", "60", upstream.url(), upstream.path("mirror")});
    REQUIRE(eventually([&] { return upstream.place().exists("mirror/RECENT-Z.yaml"); }));
    sleep_a_moment();
    REQUIRE(eventually([&] { return upstream.difference("mirror").empty(); }));
    run_program({"sleep", "0.3"});  // it rests now
    refused(upstream, ours({"mirror", upstream.url(), upstream.path("mirror")}), 5,
            std::to_string(first.pid()));
    CHECK(first.running());
  }

  TEST_CASE("a writer's command on a mirror's target") {
    Upstream upstream;
    make_origin(upstream);
    REQUIRE(upstream.mirror("mirror").exit_code == 0);
    const auto target = upstream.path("mirror");
    refused(upstream, ours({"update", target, "--new", "a"}), 8, upstream.url());
    refused(upstream, ours({"aggregate", target, "--force"}), 8, upstream.url());
    refused(upstream, ours({"init", target, "--force"}), 8, upstream.url());
  }

  TEST_CASE("a command line that makes no sense") {
    Upstream upstream;
    make_origin(upstream);
    const auto target = upstream.path("mirror");
    refused(upstream, ours({"mirror", upstream.url()}), 2, "TARGET");
    refused(upstream, ours({"mirror", upstream.url(), target, "--nonsense"}), 2, "nonsense");
    refused(upstream, ours({"mirror", upstream.url(), target, "--ttl", "1"}), 2, "--loop");
    refused(upstream, ours({"mirror", upstream.url(), target, "--max", "many"}), 2, "max");
    refused(upstream, ours({"mirror", upstream.url(), target, "--rsync-option", "delete"}), 2, "delete");
    refused(upstream, ours({"mirror", upstream.url(), target, "--rsync-option", "rsh"}), 2, "rsh=VALUE");
    refused(upstream, ours({"mirror", "-e.sh", target}), 2, "");
    refused(upstream, ours({"mirror", upstream.url(), target, "--path", "RECENT-1h.yaml"}), 8,
            "RECENT-1h.yaml");
    refused(upstream, ours({"mirror", upstream.url(), target, "--path", "../a"}), 8, "../a");
    refused(upstream, ours({"frobnicate"}), 2, "frobnicate");
  }
}
