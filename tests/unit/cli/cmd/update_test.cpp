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
  [[nodiscard]] std::string root() const { return path("pub"); }
  [[nodiscard]] std::string level(const std::string& interval) const {
    return path("pub/RECENT-" + interval + ".yaml");
  }
};

}  // namespace

TEST_CASE("update registers in the order of the command line") {
  const FreshOrigin origin;
  const auto result = run_recentd({"update", "--delete", "a", origin.root(), "--new", "b", "--delete=c",
                                   "--new", origin.root() + "/d/../e"});
  CHECK(result.exit_code == 0);
  CHECK(result.err.empty());
  CHECK(result.out.empty());
  CHECK(events_of(origin.level("1h")) == std::vector<std::string>{"new e", "delete c", "new b", "delete a"});
}

TEST_CASE("a path is relative to the root, never to the working directory") {
  const FreshOrigin origin;
  const auto result =
      run_program({"sh", "-c", "cd \"$0\" && exec \"$1\" update . --new x", origin.root(), RECENTD_PROGRAM});
  CHECK(result.exit_code == 0);
  CHECK(events_of(origin.level("1h")) == std::vector<std::string>{"new x"});
}

TEST_CASE("paths outside the tree are warned about, the others registered, and the exit code is 8") {
  const FreshOrigin origin;
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
  const FreshOrigin origin;
  const std::string longest(255, 'n');
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
  const FreshOrigin origin;
  const auto result = run_program(
      {"sh", "-c", "ulimit -f 0 && exec \"$1\" update \"$0\" --new x", origin.root(), RECENTD_PROGRAM});
  CHECK(result.exit_code > 0);
  CHECK(result.exit_code < 128);
  CHECK(events_of(origin.level("1h")).empty());
}

TEST_CASE("update --epoch registers in the past and carries the change to all levels") {
  const FreshOrigin origin;
  REQUIRE(run_recentd({"update", origin.root(), "--new", "now"}).exit_code == 0);
  CHECK(run_recentd({"update", origin.root(), "--new", "old", "--epoch", "1500000000.5"}).exit_code == 0);
  CHECK(events_of(origin.level("Z")) == std::vector<std::string>{"new now", "new old"});
  CHECK(contains(origin.read("pub/RECENT-Z.yaml").value_or(""), "1500000000.5"));
}

TEST_CASE("an epoch that is no plain decimal or lies in the future is refused") {
  const FreshOrigin origin;
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
  const FreshOrigin origin;
  const auto before = everything_in(origin);
  const auto result = run_recentd({"update", "--dry-run", origin.root(), "--new", "a", "--new", "b"});
  CHECK(result.exit_code == 0);
  CHECK(contains(result.out, "would register 2 events"));
  CHECK(unchanged(origin, before));
}

TEST_CASE("update without a path cuts what is too old") {
  const FreshOrigin origin;
  REQUIRE(run_recentd({"update", origin.root(), "--new", "old", "--epoch", "1500000000"}).exit_code == 0);
  REQUIRE(run_recentd({"update", origin.root(), "--new", "now"}).exit_code == 0);
  REQUIRE(run_recentd({"aggregate", "--force", origin.root()}).exit_code == 0);
  CHECK(run_recentd({"update", origin.root()}).exit_code == 0);
  CHECK(events_of(origin.level("1h")) == std::vector<std::string>{"new now"});
}

TEST_CASE("an index that disagrees with its file's name is written with --force alone") {
  const FreshOrigin origin;
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
  CHECK(run_recentd({"update", tree.path("pub"), "--new", name}).exit_code == 0);
  CHECK_FALSE(contains(tree.read("pub/RECENT-1h.json").value_or(""), "\"" + name + "\""));
  CHECK(run_recentd({"update", "--json-paths=utf8", tree.path("pub"), "--new", "x"}).exit_code == 0);
  CHECK(contains(tree.read("pub/RECENT-1h.json").value_or(""), "\"" + name + "\""));
  CHECK(events_of(tree.path("pub/RECENT-1h.json")) == std::vector<std::string>{"new x", "new " + name});
  CHECK(run_recentd({"update", "--json-paths=latin1", tree.path("pub"), "--new", "x"}).exit_code == 2);
}

TEST_CASE("update -v tells what it registered") {
  const FreshOrigin origin;
  const auto result = run_recentd({"update", "-v", origin.root(), "--new", "a"});
  CHECK(result.exit_code == 0);
  CHECK(contains(result.err, "registered 1 event"));
}

TEST_CASE("update says which paths Perl's clients cannot fetch") {
  const FreshOrigin origin;
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
  CHECK(run_recentd({"update", "--filenameroot", "TWO", tree.path("pub"), "--new", "a"}).exit_code == 0);
  CHECK(events_of(tree.path("pub/TWO-1h.yaml")).front() == "new a");
}

TEST_CASE("a lock that a living process holds ends an impatient update with code 5") {
  const FreshOrigin origin;
  origin.write("pub/RECENT-1h.yaml.lock/process", std::to_string(::getpid()) + "\n");
  const auto start = std::chrono::steady_clock::now();
  const auto impatient = run_recentd({"update", "--no-wait", origin.root(), "--new", "a"});
  CHECK(impatient.exit_code == 5);
  CHECK(contains(impatient.err, std::to_string(::getpid())));
  CHECK(run_recentd({"update", "--locktimeout", "0.3", origin.root(), "--new", "a"}).exit_code == 5);
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(10));
  CHECK(run_recentd({"update", "--locktimeout", "1", "--no-wait", origin.root()}).exit_code == 2);
}

TEST_SUITE_END();
