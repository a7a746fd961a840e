#include "target/target_lock.hpp"

#include <csignal>
#include <filesystem>
#include <thread>

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <recentd/error.hpp>

#include "support/fake_clock.hpp"
#include "support/tools/run_program.hpp"
#include "support/tools/temp_tree.hpp"
#include "sys/file/file_lock.hpp"

using namespace recentd;
using namespace recentd::target;
namespace fs = std::filesystem;

namespace {

struct Scene {
  recentd::test::TempTree tree{"lock"};
  recentd::test::FakeClock clock{1'700'000'000};
  TargetLock take() { return {"/srv/pub", tree.path(), clock}; }
};

// Time passes a hundred times faster than it does.
class SlowClock : public recentd::test::FakeClock {
 public:
  void sleep_for(std::chrono::nanoseconds duration) override {
    std::this_thread::sleep_for(duration / 100);
    FakeClock::sleep_for(duration);
  }
};

// A program of this name (a shell) that was given the lock and has begun.
pid_t orphan(const Scene& scene, const std::string& script, const std::string& name = "rsync") {
  fs::remove(scene.tree.path("ready"));
  const auto lock = sys::FileLock::try_acquire(scene.tree.path("lock"));
  const auto program = scene.tree.path(name);
  const int fd = lock ? lock->fd() : ::open(scene.tree.path("lock").c_str(), O_RDWR | O_CLOEXEC);
  const pid_t child = ::fork();
  if (child == 0) {
    ::fcntl(fd, F_SETFD, 0);
    ::execl(program.c_str(), name.c_str(), "-c", script.c_str(), nullptr);
    ::_exit(127);
  }
  if (!lock) ::close(fd);
  REQUIRE(recentd::test::eventually([&] { return scene.tree.exists("ready"); }));
  return child;
}

}  // namespace

TEST_SUITE("target::target_lock") {
  TEST_CASE("the holder is noted, and found as long as it lives") {
    Scene scene;
    CHECK_FALSE(process_at_work(scene.tree.path()));
    const auto lock = scene.take();
    CHECK(lock.fd() >= 0);
    CHECK(scene.tree.read("holder") == std::to_string(::getpid()) + " 1700000000\n");
    CHECK(process_at_work(scene.tree.path()) == ::getpid());
    scene.tree.write("holder", "999999999 1\n");
    CHECK_FALSE(process_at_work(scene.tree.path()));
    scene.tree.write("holder", "no number");
    CHECK_FALSE(process_at_work(scene.tree.path()));
  }

  TEST_CASE("who comes second is told who holds it, and since when") {
    Scene scene;
    const auto lock = scene.take();
    scene.clock.set(1'700'000'090);
    CHECK_THROWS_WITH_AS(scene.take(), doctest::Contains("since 2023-11-14T22:13:20Z, for 90 s"), Error);
    CHECK_THROWS_WITH_AS(scene.take(), doctest::Contains("target '/srv/pub' is being mirrored"), Error);
  }

  TEST_CASE("a living holder is not waited for, the children of a dead one for half a minute") {
    Scene scene;
    const auto lock = scene.take();
    const auto waited = [&](const std::string& holder) {
      scene.tree.write("holder", holder);
      const auto start = scene.clock.steady();
      CHECK_THROWS_AS(scene.take(), Error);
      return scene.clock.steady() - start;
    };
    CHECK(waited(std::to_string(::getppid()) + " 1\n") == std::chrono::seconds(0));
    CHECK(waited(std::to_string(::getpid()) + " 1\n") == std::chrono::seconds(5));
    CHECK(waited("999999999 1\n") == std::chrono::seconds(30));
  }

  TEST_CASE("an rsync that a dead mirror left is ended, also one that does not care to") {
    Scene scene;
    fs::copy_file("/bin/sh", scene.tree.path("rsync"));
    REQUIRE(::mkfifo(scene.tree.path("fifo").c_str(), 0600) == 0);
    for (const std::string kind : {"", "trap '' TERM; "}) {
      const auto child = orphan(scene, kind + "echo >'" + scene.tree.path("ready") + "'; read x <'" +
                                           scene.tree.path("fifo") + "'");
      scene.tree.write("holder", "999999999 1\n");
      SlowClock clock;
      const TargetLock lock("/srv/pub", scene.tree.path(), clock);
      CHECK(clock.steady() >= std::chrono::seconds(kind.empty() ? 5 : 10));
      int status = 0;
      CHECK(::waitpid(child, &status, 0) == child);
      CHECK(WIFSIGNALED(status));
      CHECK(WTERMSIG(status) == (kind.empty() ? SIGTERM : SIGKILL));
    }
  }

  TEST_CASE("nothing else that has the lock's file open is ended") {
    Scene scene;
    fs::copy_file("/bin/sh", scene.tree.path("rsync"));
    fs::copy_file("/bin/sh", scene.tree.path("tar"));
    REQUIRE(::mkfifo(scene.tree.path("fifo").c_str(), 0600) == 0);
    const auto waits = "echo >'" + scene.tree.path("ready") + "'; read x <'" + scene.tree.path("fifo") + "'";
    std::vector<pid_t> others = {orphan(scene, waits, "tar")};
    ::setenv("RECENTD_LOCKS", "999", 1);
    others.push_back(orphan(scene, waits));
    ::unsetenv("RECENTD_LOCKS");
    scene.tree.write("holder", "999999999 1\n");
    CHECK_THROWS_AS(scene.take(), Error);
    for (const auto pid : others) {
      CHECK(::waitpid(pid, nullptr, WNOHANG) == 0);
      ::kill(pid, SIGKILL);
      ::waitpid(pid, nullptr, 0);
    }
  }

  TEST_CASE("a pause is had between the turns of a mirror that follows, and keeps the next turn waiting") {
    Scene scene;
    const auto owner = scene.take();
    std::optional<Turn> turn = Turn::take(scene.tree.path(), scene.clock);
    REQUIRE(turn);
    CHECK_THROWS_AS(TargetPause("/srv/pub", scene.tree.path(), std::chrono::seconds(3), scene.clock), Error);
    turn.reset();
    std::optional<TargetPause> pause;
    pause.emplace("/srv/pub", scene.tree.path(), std::chrono::seconds(0), scene.clock);
    int asked = 0;
    const auto begun = scene.clock.steady();
    turn = Turn::take(scene.tree.path(), scene.clock, [&](int) {
      ++asked;
      pause.reset();
    });
    REQUIRE(turn);
    CHECK(asked == 1);
    CHECK(scene.clock.steady() - begun >= std::chrono::seconds(5));
  }

  TEST_CASE(
      "a pause without a mirror keeps one from beginning; where there is no place a turn is for nothing") {
    Scene scene;
    std::optional<TargetPause> pause;
    pause.emplace("/srv/pub", scene.tree.path(), std::chrono::seconds(0), scene.clock);
    CHECK_THROWS_AS(scene.take(), Error);
    pause.reset();
    CHECK_NOTHROW(scene.take());
    CHECK(Turn::take(scene.tree.path("away"), scene.clock));
  }

  TEST_CASE("a lock that was let go is free") {
    Scene scene;
    { const auto lock = scene.take(); }
    CHECK_NOTHROW(scene.take());
  }
}
