// What 0.1.0 left is taken over: tests/data/0.1.0 holds an origin, a mirror of it with its state, a file in
// the mirror's quarantine, and the configuration, as that version wrote them. And what a newer version left
// is not.

#include <cstdio>
#include <filesystem>

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "support/tools/run_program.hpp"
#include "support/tools/temp_tree.hpp"

using namespace recentd::test;
namespace fs = std::filesystem;

namespace {

constexpr const char* k_data = RECENTD_TEST_DATA "/0.1.0";
constexpr std::int64_t k_then = 1'700'000'058;

void replace(std::string& text, const std::string& from, const std::string& to) {
  const auto at = text.find(from);
  REQUIRE(at != std::string::npos);
  text.replace(at, from.size(), to);
}

// How a state knows its directory.
std::string identity_of(const std::string& directory) {
  struct statx facts {};
  REQUIRE(::statx(AT_FDCWD, directory.c_str(), 0, STATX_INO | STATX_BTIME, &facts) == 0);
  const auto inode = std::to_string(facts.stx_ino);
  if ((facts.stx_mask & STATX_BTIME) == 0) return inode;
  return inode + ":" + std::to_string(facts.stx_btime.tv_sec) + "." + std::to_string(facts.stx_btime.tv_nsec);
}

// The last line of a state: FNV-1a of what stands before it.
std::string end_of(const std::string& state) {
  std::uint64_t sum = 14695981039346656037ULL;
  for (const unsigned char c : state) sum = (sum ^ c) * 1099511628211ULL;
  char line[32];
  std::snprintf(line, sizeof line, "end: %llx\n", static_cast<unsigned long long>(sum));
  return line;
}

// The machine as 0.1.0 left it.
struct Machine {
  Machine() {
    for (const char* tree : {"origin", "target"}) {
      fs::copy(std::string(k_data) + "/" + tree, place.path(tree),
               fs::copy_options::recursive | fs::copy_options::copy_symlinks);
      for (const char* name : {"a", "l", "dists/b"}) place.set_mtime(tree + std::string("/") + name, k_then);
    }
    auto state = place.read("target/.recentd/state").value();
    replace(state, "@SOURCE@", place.path("origin"));
    replace(state, "@TARGET@", identity_of(place.path("target")));
    place.write("target/.recentd/state", state + end_of(state));
    place.write("target/.recentd/quarantine", place.path("quarantine"));
    place.write("quarantine/.recentd-quarantine", "1700000058\n0\n" + place.path("target"));
    place.write("quarantine/2023-11-14T22:14:18.500000Z/c",
                read_file(std::string(k_data) + "/deleted-c").value());
  }
  [[nodiscard]] ProgramResult mirror(std::vector<std::string> options = {}) const {
    options.insert(options.begin(), {"mirror", "-v", "--quarantine", place.path("quarantine")});
    options.insert(options.end(), {place.path("origin"), place.path("target")});
    return run_recentd(options);
  }
  TempTree place{"upgrade"};
};

bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_SUITE("e2e::upgrade") {
  TEST_CASE("a mirror goes on from the state of 0.1.0: nothing is compared or fetched anew") {
    const Machine machine;
    const auto first = machine.mirror();
    CHECK_MESSAGE(first.exit_code == 0, first.err);
    CHECK_MESSAGE(holds(first.err, "up to date: 0 files transferred, 0 unchanged, 0 deleted"), first.err);
    CHECK_MESSAGE(!holds(first.err, "damaged"), first.err);
    // The origin's index is that of 0.1.0, too.
    machine.place.write("origin/new", "new\n");
    REQUIRE(run_recentd({"update", machine.place.path("origin"), "--new", "new"}).exit_code == 0);
    REQUIRE(run_recentd({"aggregate", machine.place.path("origin")}).exit_code == 0);
    CHECK(run_recentd({"fsck", machine.place.path("origin")}).exit_code == 0);
    const auto second = machine.mirror();
    CHECK_MESSAGE(holds(second.err, "up to date: 1 file transferred, "), second.err);
    CHECK(differences(machine.place.path("origin"), machine.place.path("target")).empty());
    CHECK(run_recentd({"verify", machine.place.path("target"), "--against", machine.place.path("origin")})
              .exit_code == 0);
    CHECK(holds(machine.place.read("target/.recentd/state").value(), "recentd-state 3\n"));
  }

  TEST_CASE("what 0.1.0 put into the quarantine comes back") {
    const Machine machine;
    const auto target = machine.place.path("target");
    CHECK(holds(run_recentd({"undo", target, "--list"}).out, "c"));
    CHECK(run_recentd({"undo", target, "c"}).exit_code == 0);
    CHECK(machine.place.read("target/c") == "three\n");
  }

  TEST_CASE("the configuration of 0.1.0 is taken as it is") {
    const Machine machine;
    const auto file = std::string(k_data) + "/recentd.yaml";
    const auto check = run_recentd({"run", "--check", "-c", file});
    CHECK_MESSAGE(check.exit_code == 0, check.err);
    CHECK(holds(check.out, "mirror pub\n"));
    const auto migrate = run_recentd({"config", "migrate", "-c", file});
    CHECK(migrate.exit_code == 0);
    CHECK(holds(migrate.out, "is taken as it stands"));
  }

  TEST_CASE("a state of a newer version is refused and left alone, with both ways out") {
    const Machine machine;
    auto state = machine.place.read("target/.recentd/state").value();
    replace(state, "recentd-state 2", "recentd-state 99");
    machine.place.write("target/.recentd/state", state);
    const auto refused = machine.mirror();
    CHECK(refused.exit_code == 4);
    CHECK(holds(refused.err, "was written by a newer recentd"));
    CHECK_MESSAGE(holds(refused.err, "install that version again"), refused.err);
    CHECK_MESSAGE(holds(refused.err, "recentd mirror --reset-state SOURCE " + machine.place.path("target")),
                  refused.err);
    CHECK(machine.place.read("target/.recentd/state") == state);
    const auto anew = machine.mirror({"--reset-state"});
    CHECK_MESSAGE(anew.exit_code == 0, anew.err);
    CHECK(holds(anew.err, " 0 files transferred"));
    CHECK(machine.mirror().exit_code == 0);
  }

  TEST_CASE("an index of a newer protocol is refused and left alone") {
    const Machine machine;
    auto index = machine.place.read("origin/RECENT-1h.yaml").value();
    replace(index, "protocol: 1", "protocol: 99");
    machine.place.write("origin/RECENT-1h.yaml", index);
    for (const auto& line : {std::vector<std::string>{"update", machine.place.path("origin"), "--new", "a"},
                             {"mirror", machine.place.path("origin"), machine.place.path("target")}}) {
      const auto refused = run_recentd(line);
      CHECK_MESSAGE(refused.exit_code == 4, refused.err);
      CHECK_MESSAGE(holds(refused.err, "upgrade recentd"), refused.err);
    }
    CHECK(machine.place.read("origin/RECENT-1h.yaml") == index);
  }
}
