#include <filesystem>

#include <sys/stat.h>

#include "unit/cli/cli_test.hpp"

using namespace recentd::test;

TEST_SUITE_BEGIN("cli::cmd_update");

namespace {

// An origin with an empty principal.
struct FreshOrigin : TempTree {
  FreshOrigin() {
    make_directory("pub");
    REQUIRE(run_recentd({"init", "--aggregator", "6h,Z", path("pub")}).exit_code == 0);
  }
  explicit FreshOrigin(const std::vector<std::string>& files) : FreshOrigin() {
    for (const auto& file : files) write("pub/" + file, "x");
  }
  [[nodiscard]] std::string root() const { return path("pub"); }
  [[nodiscard]] std::string level(const std::string& interval) const {
    return path("pub/RECENT-" + interval + ".yaml");
  }
};

}  // namespace

TEST_CASE("update registers in the order of the command line") {
  const FreshOrigin origin({"b", "e"});
  const auto result = run_recentd({"update", "--delete", "a", origin.root(), "--new", "b", "--delete=c",
                                   "--new", origin.root() + "/d/../e"});
  CHECK(result.exit_code == 0);
  CHECK(result.err.empty());
  CHECK(result.out.empty());
  CHECK(events_of(origin.level("1h")) == std::vector<std::string>{"new e", "delete c", "new b", "delete a"});
}

TEST_CASE("a path is relative to the root, never to the working directory") {
  const FreshOrigin origin({"x"});
  const auto result =
      run_program({"sh", "-c", "cd \"$0\" && exec \"$1\" update . --new x", origin.root(), RECENTD_PROGRAM});
  CHECK(result.exit_code == 0);
  CHECK(events_of(origin.level("1h")) == std::vector<std::string>{"new x"});
}

TEST_CASE("paths outside the tree are warned about, the others registered, and the exit code is 8") {
  const FreshOrigin origin({"good"});
  const auto result = run_recentd({"update", origin.root(), "--new", "/etc/passwd", "--new", "good", "--new",
                                   "../x", "--new", "RECENT-1h.yaml", "--new", origin.root() + "X/sib"});
  CHECK(result.exit_code == 8);
  CHECK(events_of(origin.level("1h")) == std::vector<std::string>{"new good"});
  for (const char* path : {"/etc/passwd", "../x", "RECENT-1h.yaml", "X/sib"}) {
    CAPTURE(path);
    CHECK(contains(result.err, path));
  }
  CHECK(contains(result.err, "recentd update: 4 of 5 paths"));
}

TEST_CASE("a path that no mirror can make is refused, the others are registered") {
  const std::string longest(255, 'n');
  const FreshOrigin origin({longest});
  std::string deep = "d";
  while (deep.size() < 4094) deep += "/d";
  const auto result = run_recentd({"update", origin.root(), "--new", longest + "n", "--new", longest, "--new",
                                   deep, "--delete", "d/" + longest + "n/f"});
  CHECK(result.exit_code == 8);
  CHECK(events_of(origin.level("1h")) == std::vector<std::string>{"new " + longest});
  CHECK(contains(result.err, "too long"));
  CHECK(contains(result.err, "recentd update: 3 of 4 paths"));
}

TEST_CASE("a limit of file sizes is an error, not a death") {
  const FreshOrigin origin({"x"});
  const auto result = run_program(
      {"sh", "-c", "ulimit -f 0 && exec \"$1\" update \"$0\" --new x", origin.root(), RECENTD_PROGRAM});
  CHECK(result.exit_code > 0);
  CHECK(result.exit_code < 128);
  CHECK(events_of(origin.level("1h")).empty());
}

TEST_CASE("update --epoch registers in the past and carries the change to all levels") {
  const FreshOrigin origin({"now", "old"});
  REQUIRE(run_recentd({"update", origin.root(), "--new", "now"}).exit_code == 0);
  CHECK(run_recentd({"update", origin.root(), "--new", "old", "--epoch", "1500000000.5"}).exit_code == 0);
  CHECK(events_of(origin.level("Z")) == std::vector<std::string>{"new now", "new old"});
  CHECK(contains(origin.read("pub/RECENT-Z.yaml").value_or(""), "1500000000.5"));
}

TEST_CASE("an epoch that is no plain decimal or lies in the future is refused") {
  const FreshOrigin origin({"a"});
  const auto before = everything_in(origin);
  for (const char* epoch : {"abc", "1e9", "-5", "", " 5", "99999999999", "0x10"}) {
    const auto result = run_recentd({"update", origin.root(), "--new", "a", std::string("--epoch=") + epoch});
    CAPTURE(result.err);
    CHECK(result.exit_code == 2);
    CHECK(is_one_line(result.err));
    CHECK(unchanged(origin, before));
  }
  CHECK(run_recentd({"update", origin.root(), "--epoch", "5"}).exit_code == 2);
}

TEST_CASE("update --dry-run reports and writes nothing") {
  const FreshOrigin origin({"a", "b"});
  const auto before = everything_in(origin);
  const auto result = run_recentd({"update", "--dry-run", origin.root(), "--new", "a", "--new", "b"});
  CHECK(result.exit_code == 0);
  CHECK(contains(result.out, "would register 2 events"));
  CHECK(unchanged(origin, before));
}

TEST_CASE("update without a path cuts what is too old") {
  const FreshOrigin origin({"now", "old"});
  REQUIRE(run_recentd({"update", origin.root(), "--new", "old", "--epoch", "1500000000"}).exit_code == 0);
  REQUIRE(run_recentd({"update", origin.root(), "--new", "now"}).exit_code == 0);
  REQUIRE(run_recentd({"aggregate", "--force", origin.root()}).exit_code == 0);
  CHECK(run_recentd({"update", origin.root()}).exit_code == 0);
  CHECK(events_of(origin.level("1h")) == std::vector<std::string>{"new now"});
}

TEST_CASE("an index that disagrees with its file's name is written with --force alone") {
  const FreshOrigin origin({"a", "b"});
  REQUIRE(run_recentd({"update", origin.root(), "--new", "a"}).exit_code == 0);
  auto text = origin.read("pub/RECENT-1h.yaml").value();
  text.replace(text.find("interval: 1h"), 12, "interval: 2h");
  origin.write("pub/RECENT-1h.yaml", text);
  const auto refused = run_recentd({"update", origin.root(), "--new", "b"});
  CHECK(refused.exit_code != 0);
  CHECK(contains(refused.err, "--force"));
  CHECK(origin.read("pub/RECENT-1h.yaml") == text);
  CHECK(run_recentd({"update", "--force", origin.root(), "--new", "b"}).exit_code == 0);
  CHECK(events_of(origin.level("1h")).front() == "new b");
}

TEST_CASE("--json-paths says how names are spelled in .json") {
  const TempTree tree;
  tree.make_directory("pub");
  const std::string name = "caf\xC3\xA9";
  REQUIRE(run_recentd({"init", "--serializer-suffix", ".json", tree.path("pub")}).exit_code == 0);
  CHECK(run_recentd({"update", tree.path("pub"), "--missing-ok", "--new", name}).exit_code == 0);
  CHECK_FALSE(contains(tree.read("pub/RECENT-1h.json").value_or(""), "\"" + name + "\""));
  CHECK(run_recentd({"update", "--json-paths=utf8", tree.path("pub"), "--missing-ok", "--new", "x"})
            .exit_code == 0);
  CHECK(contains(tree.read("pub/RECENT-1h.json").value_or(""), "\"" + name + "\""));
  CHECK(events_of(tree.path("pub/RECENT-1h.json")) == std::vector<std::string>{"new x", "new " + name});
  CHECK(run_recentd({"update", "--json-paths=latin1", tree.path("pub"), "--new", "x"}).exit_code == 2);
}

TEST_CASE("update -v tells what it registered") {
  const FreshOrigin origin({"a"});
  const auto result = run_recentd({"update", "-v", origin.root(), "--new", "a"});
  CHECK(result.exit_code == 0);
  CHECK(contains(result.err, "registered 1 event"));
}

TEST_CASE("update says which paths Perl's clients cannot fetch") {
  const FreshOrigin origin({"a", "#b", "c"});
  const auto result = run_recentd({"update", origin.root(), "--new", "a", "--new", origin.root() + "/#b"});
  CHECK(result.exit_code == 0);
  CHECK(contains(result.err, "1 path, '#b', cannot be fetched by Perl's clients"));
  CHECK(run_recentd({"update", origin.root(), "--new", "c", "--delete", "#b"}).err == "");
}

TEST_CASE("--filenameroot picks one of two sets; without it the choice is refused with a list") {
  const TempTree tree;
  tree.make_directory("pub");
  for (const char* name : {"ONE", "TWO"}) {
    REQUIRE(run_recentd({"init", "--filenameroot", name, tree.path("pub")}).exit_code == 0);
  }
  const auto refused = run_recentd({"update", tree.path("pub"), "--new", "a"});
  CHECK(refused.exit_code == 2);
  CHECK(contains(refused.err, "ONE"));
  CHECK(contains(refused.err, "TWO"));
  tree.write("pub/a", "x");
  CHECK(run_recentd({"update", "--filenameroot", "TWO", tree.path("pub"), "--new", "a"}).exit_code == 0);
  CHECK(events_of(tree.path("pub/TWO-1h.yaml")).front() == "new a");
}

TEST_CASE("a lock that a living process holds ends an impatient update with code 5") {
  const FreshOrigin origin({"a"});
  origin.write("pub/RECENT-1h.yaml.lock/process", std::to_string(::getpid()) + "\n");
  const auto start = std::chrono::steady_clock::now();
  const auto impatient = run_recentd({"update", "--no-wait", origin.root(), "--new", "a"});
  CHECK(impatient.exit_code == 5);
  CHECK(contains(impatient.err, std::to_string(::getpid())));
  CHECK(run_recentd({"update", "--locktimeout", "0.3", origin.root(), "--new", "a"}).exit_code == 5);
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(10));
  CHECK(run_recentd({"update", "--locktimeout", "1", "--no-wait", origin.root()}).exit_code == 2);
}

// Directories, links, and names that are no files.

TEST_CASE("a directory stands for what is in it, by disk if it is new and by the index if it is gone") {
  const FreshOrigin origin({"d/1", "d/sub/2", "d/.f.aB3dE5", "e"});
  origin.make_directory("pub/d/empty");
  origin.set_mtime("pub/d/1", 1'600'000'000);
  const auto added = run_recentd({"update", origin.root(), "--new", "d/", "--new", "e"});
  CHECK(added.exit_code == 0);
  CHECK(contains(added.err, "2 files below 'd' are new"));
  CHECK(events_of(origin.level("1h")) == std::vector<std::string>{"new e", "new d/sub/2", "new d/1"});
  origin.remove("pub/d");
  const auto gone = run_recentd({"update", origin.root(), "--delete", "d"});
  CHECK(gone.exit_code == 0);
  CHECK(contains(gone.err, "2 files below 'd' are deleted from the index"));
  CHECK_FALSE(contains(gone.err, "on disk still"));
  CHECK(events_of(origin.level("1h")) == std::vector<std::string>{"delete d/sub/2", "delete d/1", "new e"});
}

TEST_CASE("a directory that is gone is looked for in all levels") {
  const FreshOrigin origin({"d/1", "now"});
  REQUIRE(run_recentd({"update", origin.root(), "--new", "d", "--epoch", "1500000000"}).exit_code == 0);
  REQUIRE(run_recentd({"update", origin.root(), "--new", "now"}).exit_code == 0);
  REQUIRE(run_recentd({"aggregate", "--force", origin.root()}).exit_code == 0);
  REQUIRE(run_recentd({"update", origin.root()}).exit_code == 0);
  REQUIRE(events_of(origin.level("1h")) == std::vector<std::string>{"new now"});
  origin.remove("pub/d");
  CHECK(run_recentd({"update", origin.root(), "--delete", origin.root() + "/d"}).exit_code == 0);
  CHECK(events_of(origin.level("1h")) == std::vector<std::string>{"delete d/1", "new now"});
}

TEST_CASE("directories on stdin are directories, and a rehearsal says what they stand for") {
  const FreshOrigin origin({"a/1", "b/1"});
  const auto update = [&](const std::string& records, bool rehearsal) {
    std::vector<std::string> line = {"update", origin.root(), "--stdin"};
    if (rehearsal) line.emplace_back("--dry-run");
    return run_recentd(line, {}, records);
  };
  const auto before = everything_in(origin);
  const auto told = update("new\ta\nnew\tb\n", true);
  CHECK(contains(told.err, "1 files below 'a' would become new"));
  CHECK(contains(told.out, "would register 2 events"));
  CHECK(unchanged(origin, before));
  CHECK(update("new\ta\nnew\tb\n", false).exit_code == 0);
  CHECK(update("delete\ta\ndelete\tb/1\n", false).exit_code == 0);
  CHECK(events_of(origin.level("1h")) == std::vector<std::string>{"delete b/1", "delete a/1"});
}

TEST_CASE("what --delete names and is on disk still is deleted with a warning if it is a directory") {
  const FreshOrigin origin({"d/1", "d/2"});
  REQUIRE(run_recentd({"update", origin.root(), "--new", "d"}).exit_code == 0);
  origin.remove("pub/d/1");
  const auto result = run_recentd({"update", origin.root(), "--delete", "d"});
  CHECK(result.exit_code == 0);
  CHECK(contains(result.err, "1 of them are on disk still"));
  CHECK(events_of(origin.level("1h")) == std::vector<std::string>{"delete d/2", "delete d/1"});
}

TEST_CASE("a link to a directory is a path like a file") {
  const FreshOrigin origin({"real/f"});
  origin.make_link("pub/link", "real");
  CHECK(run_recentd({"update", origin.root(), "--new", "link"}).exit_code == 0);
  CHECK(events_of(origin.level("1h")) == std::vector<std::string>{"new link"});
  CHECK(run_recentd({"update", origin.root(), "--delete", "link"}).exit_code == 0);
  CHECK(events_of(origin.level("1h")) == std::vector<std::string>{"delete link"});
}

TEST_CASE("what is not on disk is no news, the others are registered; --missing-ok registers it") {
  const FreshOrigin origin({"a"});
  const auto refused = run_recentd({"update", origin.root(), "--new", "no", "--new", "a", "--new", "a/x"});
  CHECK(refused.exit_code == 8);
  CHECK(contains(refused.err, "'no' is left out: it is not on disk"));
  CHECK(contains(refused.err, "2 of 3 paths"));
  CHECK(events_of(origin.level("1h")) == std::vector<std::string>{"new a"});
  CHECK(run_recentd({"update", origin.root(), "--missing-ok", "--new", "no"}).exit_code == 0);
  CHECK(events_of(origin.level("1h")) == std::vector<std::string>{"new no", "new a"});
}

TEST_CASE("what no mirror can copy is refused by name") {
  const FreshOrigin origin({"a"});
  REQUIRE(::mkfifo(origin.path("pub/pipe").c_str(), 0600) == 0);
  const auto result = run_recentd({"update", origin.root(), "--new", "pipe", "--new", "a"});
  CHECK(result.exit_code == 8);
  CHECK(contains(result.err, "'pipe' is left out: it is a FIFO, a socket or a device"));
  CHECK(events_of(origin.level("1h")) == std::vector<std::string>{"new a"});
}

TEST_CASE("a directory that cannot be read is told, what is beside it is registered") {
  const FreshOrigin origin({"d/closed/1", "d/2"});
  const auto closed = origin.path("pub/d/closed");
  std::vector<std::string> line = {RECENTD_PROGRAM, "update", origin.root(), "--new", "d"};
  if (::geteuid() == 0) {  // who reads everything
    line.front() = origin.path("recentd");
    std::filesystem::copy_file(RECENTD_PROGRAM, line.front());
    REQUIRE(run_program({"chown", "-R", "65534:65534", origin.path()}).exit_code == 0);
    line.insert(line.begin(), {"setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"});
  }
  REQUIRE(::chmod(closed.c_str(), 0) == 0);
  const auto result = run_program(line);
  ::chmod(closed.c_str(), 0700);
  CHECK(result.exit_code == 8);
  CHECK(contains(result.err, "cannot read the directory " + closed));
  CHECK(events_of(origin.level("1h")) == std::vector<std::string>{"new d/2"});
}

TEST_CASE("a path through a link is registered where the file really is") {
  const FreshOrigin origin({"v1/f"});
  origin.make_link("pub/current", "v1");
  CHECK(run_recentd({"update", origin.root(), "--new", "current/f"}).exit_code == 0);
  CHECK(events_of(origin.level("1h")) == std::vector<std::string>{"new v1/f"});
  origin.remove("pub/v1");
  // The link leads nowhere now.
  CHECK(run_recentd({"update", origin.root(), "--delete", "current/f"}).exit_code == 0);
  CHECK(events_of(origin.level("1h")).front() == "delete v1/f");
}

TEST_CASE("a path through a link that leads out of the tree is refused, unless the index has it") {
  const FreshOrigin origin({"d/f", "good"});
  REQUIRE(run_recentd({"update", origin.root(), "--new", "d"}).exit_code == 0);
  origin.write("outside/f", "x");
  origin.make_link("pub/link", "../outside");
  const auto refused =
      run_recentd({"update", origin.root(), "--new", "link/f", "--new", "good", "--delete", "link/g"});
  CHECK(refused.exit_code == 8);
  CHECK(contains(refused.err, "'link/f' is left out: the link " + origin.path("pub/link") + " leads out of"));
  CHECK(contains(refused.err, "2 of 3 paths"));
  CHECK(events_of(origin.level("1h")) == std::vector<std::string>{"new good", "new d/f"});
  // A directory that was moved away and gave way to a link.
  origin.remove("pub/d");
  origin.make_link("pub/d", "../outside");
  CHECK(run_recentd({"update", origin.root(), "--delete", "d/f", "--new", "d"}).exit_code == 0);
  CHECK(events_of(origin.level("1h")) == std::vector<std::string>{"new d", "delete d/f", "new good"});
}

TEST_CASE("a directory that gave way to a link loses its own files, not those that the link leads to") {
  const FreshOrigin origin({"old/f", "new/f"});
  REQUIRE(run_recentd({"update", origin.root(), "--new", "old", "--new", "new"}).exit_code == 0);
  origin.remove("pub/old");
  origin.make_link("pub/old", "new");
  CHECK(run_recentd({"update", origin.root(), "--delete", "old/f"}).exit_code == 0);
  CHECK(events_of(origin.level("1h")) == std::vector<std::string>{"delete old/f", "new new/f"});
}

TEST_CASE(
    "where a larger level is broken, a path that is gone is registered as it is named, and it is told") {
  const FreshOrigin origin({"d/1"});
  REQUIRE(run_recentd({"update", origin.root(), "--new", "d"}).exit_code == 0);
  REQUIRE(run_recentd({"aggregate", "--force", origin.root()}).exit_code == 0);
  origin.write("pub/RECENT-Z.yaml", "]]{{");
  const auto result = run_recentd({"update", origin.root(), "--delete", "x"});
  CHECK(result.exit_code == 4);
  CHECK(contains(result.err, "RECENT-Z.yaml"));
  CHECK(events_of(origin.level("1h")).front() == "delete x");
}

TEST_SUITE_END();
