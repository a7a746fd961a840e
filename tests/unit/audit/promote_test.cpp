#include "audit/promote.hpp"

#include <cerrno>
#include <filesystem>

#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <recentd/error.hpp>

#include "state/state_store.hpp"
#include "support/tools/points.hpp"
#include "sys/fault.hpp"
#include "unit/recentfile/scratch.hpp"

using namespace recentd;
using namespace recentd::audit;
using namespace recentd::test;

namespace {

// A mirror's target with all that one keeps for itself.
struct Target {
  Target() {
    LevelContent hour = content({"90 new a", "80 new b"});
    hour.meta.aggregator = Lines{"Z"};
    put(level_file(scratch.root, "1h"), hour);
    put(level_file(scratch.root, "Z"), content({"80 new b"}));
    for (const char* file : {"a", "b", ".recentd/index/RECENT-1h.yaml", ".recentd/holder", ".recentd/status",
                             ".recentd/chmod", ".recentd/incoming/1/f"})
      scratch.write(file, "x");
    state::MirrorState state;
    state.source = "host::pub";
    state::StateStore store(scratch.root + "/.recentd", Fsync::none);
    store.save(state);
    store.save(state);
  }
  // Throws as promote(). The mirror is not complete, as nothing says that it is.
  PromoteReport promote() const {
    FakeClock clock(1'700'000'000);
    return audit::promote({.target = scratch.root, .force = true, .state_directory = kept.root}, clock);
  }
  [[nodiscard]] Lines left() const {
    Lines names;
    for (const auto& entry : std::filesystem::directory_iterator(scratch.root + "/.recentd"))
      names.push_back(entry.path().filename());
    return names;
  }

  Scratch scratch, kept;
};

// With the nth system call failing, or the process dying there. False if there are not so many.
bool disturbed(const Target& target, int n, bool killed) {
  const pid_t child = ::fork();
  if (child == 0) {
    int count = 0;
    sys::set_fault_hook([&](std::string_view, std::string_view) {
      if (++count != n) return 0;
      if (killed) ::_exit(1);
      return EIO;
    });
    try {
      (void)target.promote();
    } catch (const Error&) {
      ::_exit(1);
    }
    ::_exit(count < n ? 0 : 1);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  return WEXITSTATUS(status) != 0;
}

}  // namespace

TEST_SUITE("audit::promote") {
  TEST_CASE("what a mirror keeps for itself goes, its state is kept elsewhere, and a note stays") {
    const Target target;
    const auto report = target.promote();
    CHECK(report.upstream == "host::pub");
    CHECK(report.newest->text() == "90");
    CHECK(target.left() == Lines{"promoted"});
    CHECK_THROWS_WITH_AS((void)target.promote(), doctest::Contains("was promoted"), Error);
  }

  TEST_CASE("one that fails or dies at any system call is a mirror, or is finished by the next") {
    for (const bool killed : {false, true}) {
      for (int n = killed ? 2 : 1;; n += next_point()) {
        CAPTURE(n);
        CAPTURE(killed);
        const Target target;
        if (!disturbed(target, n, killed)) break;
        try {
          CHECK(target.promote().upstream == "host::pub");
        } catch (const Error& error) {
          CHECK(std::string(error.what()).find("was promoted") != std::string::npos);
        }
        CHECK(target.left() == Lines{"promoted"});
        REQUIRE(n < 2000);
      }
    }
  }
}
