#include <csignal>
#include <filesystem>

#include <sys/stat.h>
#include <unistd.h>

#include "cli_test.hpp"
#include "support/rsync_daemon.hpp"

using namespace recentd::test;

// Whatever a user gets wrong: one line that says what to do, the documented exit code, nothing changed on
// disk.
TEST_SUITE_BEGIN("cli::bad_input");

namespace {

struct Origin : TempTree {
  Origin() {
    write("pub/a", "one");
    REQUIRE(run_recentd({"init", path("pub")}).exit_code == 0);
  }
};

void check_refusal(const TempTree& tree, const std::vector<std::string>& line, int code,
                   const Environment& environment = {}) {
  const auto before = everything_in(tree);
  const auto result = run_recentd(line, environment);
  CAPTURE(line[0]);
  CAPTURE(result.err);
  CHECK(result.exit_code == code);
  CHECK(result.out.empty());
  CHECK(is_one_line(result.err));
  CHECK(unchanged(tree, before));
}

// As an ordinary user, whom root's tests would not be otherwise; the program is copied to where that user can
// read.
ProgramResult run_as_nobody(const TempTree& tree, std::vector<std::string> line) {
  ::chmod(tree.path().c_str(), 0755);
  const auto program = tree.path("recentd-copy");
  std::filesystem::copy_file(RECENTD_PROGRAM, program, std::filesystem::copy_options::overwrite_existing);
  line.insert(line.begin(), program);
  if (::geteuid() == 0) {
    const std::vector<std::string> nobody = {"setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"};
    line.insert(line.begin(), nobody.begin(), nobody.end());
  }
  auto result = run_program(line);
  tree.remove("recentd-copy");
  return result;
}

}  // namespace

TEST_CASE("a missing root") {
  const TempTree tree;
  const auto nowhere = tree.path("nowhere");
  for (const char* command : {"init", "update", "aggregate"}) check_refusal(tree, {command, nowhere}, 3);
  check_refusal(tree, {"mirror", nowhere, tree.path("copy")}, 3);
}

TEST_CASE("a root without an index") {
  const TempTree tree;
  tree.write("pub/a", "x");
  check_refusal(tree, {"update", tree.path("pub"), "--new", "a"}, 3);
  check_refusal(tree, {"aggregate", tree.path("pub")}, 3);
  CHECK(contains(run_recentd({"aggregate", tree.path("pub")}).err, "recentd init"));
}

TEST_CASE("a zero-byte, a cut and a garbled index") {
  const Origin origin;
  const auto good = origin.read("pub/RECENT-1h.yaml").value();
  const std::string bad[] = {"", good.substr(0, good.size() - 3), good.substr(0, good.find("recent:")),
                             "--- \nmeta: [\n", "\x01\x02 nonsense"};
  for (const auto& content : bad) {
    origin.write("pub/RECENT-1h.yaml", content);
    check_refusal(origin, {"update", origin.path("pub"), "--new", "b"}, 4);
    check_refusal(origin, {"aggregate", origin.path("pub")}, 4);
    const auto result = run_recentd({"update", origin.path("pub"), "--new", "b"});
    CHECK(contains(result.err, "RECENT-1h.yaml"));
  }
}

TEST_CASE("an index of a newer protocol") {
  const Origin origin;
  auto text = origin.read("pub/RECENT-1h.yaml").value();
  text.replace(text.find("protocol: 1"), 11, "protocol: 7");
  origin.write("pub/RECENT-1h.yaml", text);
  check_refusal(origin, {"update", origin.path("pub"), "--new", "b"}, 4);
}

TEST_CASE("an index that may not be read") {
  const Origin origin;
  ::chmod(origin.path("pub/RECENT-1h.yaml").c_str(), ::geteuid() == 0 ? 0600 : 0000);
  const auto result = run_as_nobody(origin, {"update", origin.path("pub"), "--new", "b"});
  CAPTURE(result.err);
  CHECK(result.exit_code == 7);
  CHECK(is_one_line(result.err));
  CHECK(contains(result.err, "RECENT-1h.yaml"));
  ::chmod(origin.path("pub/RECENT-1h.yaml").c_str(), 0644);
}

TEST_CASE("a mirror's target as an origin") {
  const Origin origin;
  REQUIRE(run_recentd({"mirror", origin.path("pub"), origin.path("copy")}).exit_code == 0);
  check_refusal(origin, {"update", origin.path("copy"), "--new", "a"}, 8);
  check_refusal(origin, {"aggregate", origin.path("copy")}, 8);
  check_refusal(origin, {"init", "--force", origin.path("copy")}, 8);
}

TEST_CASE("a source that is no address") {
  const TempTree tree;
  for (const char* source : {"", "--delete", "rsync://", "rsync://host", "host::"}) {
    check_refusal(tree, {"mirror", "--", source, tree.path("copy")}, 2);
  }
}

TEST_CASE("a source without an index, from disk and from a daemon") {
  const TempTree tree;
  tree.write("pub/a", "x");
  check_refusal(tree, {"mirror", tree.path("pub"), tree.path("copy")}, 3);
  const RsyncDaemon daemon({{.name = "pub", .path = tree.path("pub")}});
  check_refusal(tree, {"mirror", daemon.url("pub"), tree.path("copy")}, 3);
  check_refusal(tree, {"mirror", daemon.url("nothing"), tree.path("copy")}, 3);
}

TEST_CASE("a daemon that does not answer, and a wrong password") {
  const Origin origin;
  RsyncDaemon daemon({{.name = "pub", .path = origin.path("pub"), .user = "ann", .password = "right"}});
  const auto url = "rsync://ann@127.0.0.1:" + std::to_string(daemon.port()) + "/pub";
  check_refusal(origin, {"mirror", url, origin.path("copy")}, 6, {{"RSYNC_PASSWORD", "wrong"}});
  daemon.stop();
  check_refusal(origin, {"mirror", url, origin.path("copy")}, 6);
}

TEST_CASE("rsync missing or too old") {
  const Origin origin;
  check_refusal(origin,
                {"mirror", origin.path("pub"), origin.path("copy"), "--rsync", origin.path("nothing")}, 6);
  const auto old = origin.write("old-rsync", "#!/bin/sh\necho 'rsync  version 3.1.3  protocol version 31'\n");
  ::chmod(old.c_str(), 0755);
  check_refusal(origin, {"mirror", origin.path("pub"), origin.path("copy"), "--rsync", old}, 6);
  CHECK(contains(run_recentd({"mirror", origin.path("pub"), origin.path("copy"), "--rsync", old}).err,
                 "3.2.7"));
}

TEST_CASE("a target that is not writable") {
  const Origin origin;
  origin.make_directory("copy");
  if (::geteuid() != 0) ::chmod(origin.path("copy").c_str(), 0555);
  const auto result = run_as_nobody(origin, {"mirror", origin.path("pub"), origin.path("copy")});
  CAPTURE(result.err);
  CHECK(result.exit_code == 7);
  CHECK(is_one_line(result.err));
  CHECK(origin.list("copy").empty());
}

TEST_CASE("a target that is the source, or inside it, or whose parent is missing") {
  const Origin origin;
  check_refusal(origin, {"mirror", origin.path("pub"), origin.path("pub")}, 8);
  check_refusal(origin, {"mirror", origin.path("pub"), origin.path("pub/copy")}, 8);
  origin.make_link("link", "pub");
  check_refusal(origin, {"mirror", origin.path("pub"), origin.path("link/copy")}, 8);
  check_refusal(origin, {"mirror", origin.path("pub"), origin.path("no/parent")}, 3);
}

TEST_CASE("a second mirror on one target") {
  const Origin origin;
  Program first({RECENTD_PROGRAM, "mirror", "--loop", "--ttl=60", origin.path("pub"), origin.path("copy")});
  REQUIRE(eventually([&] { return origin.exists("copy/RECENT.recent"); }));
  const auto second = run_recentd({"mirror", origin.path("pub"), origin.path("copy")});
  CHECK(second.exit_code == 5);
  CHECK(is_one_line(second.err));
  CHECK(contains(second.err, std::to_string(first.pid())));
  first.send(SIGTERM);
  CHECK(first.wait(std::chrono::seconds(10)).exit_code == 0);
}

TEST_SUITE_END();
