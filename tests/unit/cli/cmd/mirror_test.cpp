#include <csignal>

#include <sys/stat.h>

#include "support/tools/rsync_daemon.hpp"
#include "unit/cli/cli_test.hpp"

using namespace recentd::test;

TEST_SUITE_BEGIN("cli::cmd_mirror");

namespace {

// An origin of a few files, and a place for mirrors beside it. What the options do is tested end to end
// (tests/e2e).
struct Pair : TempTree {
  Pair() {
    write("pub/a", "one");
    write("pub/d/b", "two");
    write("pub/d/c", "three");
    make_link("pub/l", "d/b");
    REQUIRE(run_recentd({"init", pub()}).exit_code == 0);
  }
  [[nodiscard]] std::string pub() const { return path("pub"); }
  [[nodiscard]] std::string copy() const { return path("copy"); }
  [[nodiscard]] ProgramResult mirror(const std::vector<std::string>& more = {}) const {
    std::vector<std::string> line = {"mirror", pub(), copy()};
    line.insert(line.end(), more.begin(), more.end());
    return run_recentd(line);
  }
  void update(const std::string& option, const std::string& path) const {
    REQUIRE(run_recentd({"update", pub(), option, path}).exit_code == 0);
  }
};

}  // namespace

TEST_CASE("mirror makes a copy and is silent; the second run finds nothing to do") {
  const Pair pair;
  for (int run = 0; run < 2; ++run) {
    const auto result = pair.mirror();
    CHECK(result.exit_code == 0);
    CHECK(result.out.empty());
    CHECK(but_for_first_copy(result.err).empty());
    CHECK(result.err.empty() == (run > 0));
    CHECK(differences(pair.pub(), pair.copy()).empty());
  }
}

TEST_CASE("mirror -v writes the reference's lines") {
  const Pair pair;
  REQUIRE(pair.mirror().exit_code == 0);
  pair.write("pub/a", "one and more");
  pair.write("pub/new\nline", "x");
  pair.remove("pub/d/c");
  pair.update("--new", "a");
  pair.update("--new", "new\nline");
  pair.update("--delete", "d/c");
  const auto result = pair.mirror({"-v"});
  CHECK(result.exit_code == 0);
  CHECK(contains(result.err, "/1h) a ... DONE\n"));
  CHECK(contains(result.err, "/1h) new\\x0Aline ... DONE\n"));
  CHECK(contains(result.err, "(1h) " + pair.copy() + "/d/c DONE\n"));
  CHECK(contains(result.err, "temp RECENT-1h.yaml ... DONE\n"));
  CHECK(contains(result.err, "up to date: 2 files transferred"));
}

TEST_CASE("--verboselog appends to a file and leaves stderr alone") {
  const Pair pair;
  pair.write("log", "before\n");
  const auto result = pair.mirror({"--verboselog", pair.path("log")});
  CHECK(result.exit_code == 0);
  CHECK(but_for_first_copy(result.err).empty());
  const auto log = pair.read("log").value_or("");
  CHECK(log.starts_with("before\n"));
  CHECK(contains(log, " d/b ... DONE\n"));
  CHECK(pair.mirror({"--verboselog", pair.path("no/such/log")}).exit_code == 7);
}

TEST_CASE("--rsync runs the named program, with the options of --rsync-option and --rsync-timeout") {
  const Pair pair;
  const auto wrapper =
      pair.write("my-rsync", "#!/bin/sh\necho \"$*\" >>\"" + pair.path("calls") + "\"\nexec rsync \"$@\"\n");
  ::chmod(wrapper.c_str(), 0755);
  CHECK(pair.mirror({"--rsync", wrapper, "--rsync-option", "bwlimit=9999", "--rsync-option=checksum",
                     "--rsync-timeout", "17"})
            .exit_code == 0);
  const auto calls = pair.read("calls").value_or("");
  CHECK(contains(calls, "--bwlimit=9999"));
  CHECK(contains(calls, "--checksum"));
  CHECK(contains(calls, "--timeout=17"));
  for (const char* option : {"delete", "inplace", "temp-dir=/tmp", "nonsense"}) {
    CAPTURE(option);
    CHECK(pair.mirror({"--rsync-option", option}).exit_code == 2);
  }
}

TEST_CASE("a daemon's password comes from the environment or a file that others cannot read") {
  const Pair pair;
  const RsyncDaemon daemon({{.name = "pub", .path = pair.pub(), .user = "ann", .password = "secret"}});
  const auto url = "rsync://ann@127.0.0.1:" + std::to_string(daemon.port()) + "/pub";
  const auto wrong = run_recentd({"mirror", url, pair.copy()}, {{"RSYNC_PASSWORD", "wrong"}});
  CHECK(wrong.exit_code == 6);
  CHECK(is_one_line(but_for_first_copy(wrong.err)));
  const auto file = pair.write("password", "secret\n");
  ::chmod(file.c_str(), 0644);
  CHECK(run_recentd({"mirror", url, pair.copy(), "--password-file", file}).exit_code == 2);
  ::chmod(file.c_str(), 0600);
  CHECK(run_recentd({"mirror", url, pair.copy(), "--password-file", file}).exit_code == 0);
  CHECK(run_recentd({"mirror", url, pair.copy()}, {{"RSYNC_PASSWORD", "secret"}}).exit_code == 0);
  CHECK(differences(pair.pub(), pair.copy()).empty());
}

TEST_CASE("--loop follows the source until it is told to stop") {
  const Pair pair;
  Program loop({RECENTD_PROGRAM, "mirror", "--loop", "--quiet", "--ttl", "0.2", "--loopinterval=0.2",
                "--max-rsync-errors", "-1", pair.pub(), pair.copy()});
  REQUIRE(eventually([&] { return pair.exists("copy/RECENT.recent"); }));
  pair.write("pub/later", "news");
  pair.update("--new", "later");
  CHECK(eventually([&] { return pair.read("copy/later") == "news"; }));
  loop.send(SIGTERM);
  const auto result = loop.wait(std::chrono::seconds(10));
  CHECK(result.exit_code == 0);
  CHECK(but_for_first_copy(result.err).empty());
}

TEST_CASE("--loop tells of each poll that brought something, and of no other") {
  const Pair pair;
  Program loop(
      {RECENTD_PROGRAM, "mirror", "--loop", "--ttl", "0.1", "--loopinterval=0.1", pair.pub(), pair.copy()});
  REQUIRE(eventually([&] { return contains(loop.err(), " info mirror copy: 4 new, "); }));
  CHECK(contains(loop.err(), ", up to date, "));
  pair.write("pub/later", "news");
  pair.update("--new", "later");
  pair.update("--delete", "a");
  REQUIRE(eventually([&] { return contains(loop.err(), "1 deleted, "); }));
  CHECK(contains(loop.err(), "1 new, "));
  loop.send(SIGTERM);
  const auto result = loop.wait(std::chrono::seconds(10));
  CHECK(result.exit_code == 0);
  CHECK_FALSE(contains(result.err, "nothing new"));
}

TEST_CASE("--progress=json tells programs how far it is, and --progress nothing where no terminal is") {
  const Pair pair;
  const auto result = pair.mirror({"--progress=json"});
  CHECK(result.exit_code == 0);
  CHECK(result.err.ends_with("{\"phase\": \"ended\"}\n"));
  CHECK(but_for_first_copy(pair.mirror({"--reset-state"}).err).empty());
  CHECK(pair.mirror({"--progress=none"}).err.empty());
  CHECK(pair.mirror({"--progress=much"}).exit_code == 2);
}

TEST_CASE("on a terminal one line is drawn anew, and is gone in the end") {
  const Pair pair;
  const auto slow =
      pair.write("slow-rsync", "#!/bin/sh\n[ \"$1\" = --version ] || sleep 1\nexec rsync \"$@\"\n");
  ::chmod(slow.c_str(), 0755);
  const auto line =
      std::string(RECENTD_PROGRAM) + " mirror --rsync " + slow + " " + pair.pub() + " " + pair.copy();
  const auto shown = run_program({"script", "-qec", line, "/dev/null"}, {{"TERM", "xterm"}}).out;
  CAPTURE(shown);
  CHECK(contains(shown, "\r\x1b[Kasking the upstream"));
  CHECK(contains(shown, "\r\x1b[Ktransferring: "));
  CHECK(shown.ends_with("\r\x1b[K"));
  pair.write("pub/later", "news");
  pair.update("--new", "later");
  CHECK_FALSE(contains(run_program({"script", "-qec", line, "/dev/null"}, {{"TERM", "dumb"}}).out, "\x1b"));
}

TEST_CASE("a source that is no address is refused, and no target is made") {
  const TempTree tree;
  for (const char* source : {"", "--delete", "rsync://", "rsync://host", "host::"}) {
    const auto result = run_recentd({"mirror", "--", source, tree.path("copy")});
    CAPTURE(result.err);
    CHECK(result.exit_code == 2);
    CHECK(is_one_line(result.err));
    CHECK(tree.list().empty());
  }
}

TEST_CASE("options that would have no effect are refused") {
  const Pair pair;
  for (const std::vector<std::string>& options : {std::vector<std::string>{"--ttl", "1"},
                                                  {"--loopinterval", "1"},
                                                  {"--max-rsync-errors", "1"},
                                                  {"--path", "a", "--loop"},
                                                  {"--path", "a", "--max", "1"},
                                                  {"--after", "x"},
                                                  {"--max", "-1"},
                                                  {"--max-files-per-connection", "0"}}) {
    const auto result = pair.mirror(options);
    CAPTURE(result.err);
    CHECK(result.exit_code == 2);
    CHECK(is_one_line(result.err));
    CHECK_FALSE(pair.exists("copy"));
  }
}

TEST_SUITE_END();
