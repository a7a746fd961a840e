#include "sys/file/file_lock.hpp"

#include <cerrno>
#include <functional>
#include <thread>

#include <doctest/doctest.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <recentd/error.hpp>

#include "sys/process/process.hpp"
#include "sys/process/signals.hpp"
#include "unit/sys/fault_hook.hpp"
#include "unit/sys/temp_dir.hpp"

using namespace recentd;
using namespace recentd::sys;
using namespace std::chrono_literals;
using recentd::sys::test::Failing;
using recentd::sys::test::TempDir;

namespace {

// A process that took the lock and holds it until killed.
class Holder {
 public:
  explicit Holder(const std::string& path) {
    int ends[2];
    REQUIRE(::pipe(ends) == 0);
    pid_ = ::fork();
    REQUIRE(pid_ >= 0);
    if (pid_ == 0) {
      const auto lock = FileLock::try_acquire(path);
      if (::write(ends[1], lock ? "y" : "n", 1) == 1) ::pause();
      ::_exit(0);
    }
    CHECK(::read(ends[0], &got_, 1) == 1);
    ::close(ends[0]);
    ::close(ends[1]);
  }
  ~Holder() { kill(); }
  Holder(const Holder&) = delete;
  Holder& operator=(const Holder&) = delete;
  [[nodiscard]] bool got() const { return got_ == 'y'; }
  [[nodiscard]] int pid() const { return pid_; }
  void kill() {
    if (pid_ > 0) ::kill(pid_, SIGKILL);
    if (pid_ > 0) ::waitpid(pid_, nullptr, 0);
    pid_ = -1;
  }

 private:
  pid_t pid_ = -1;
  char got_ = '?';
};

class StepClock : public Clock {
 public:
  [[nodiscard]] TimePoint now() const override { return TimePoint(time_); }
  [[nodiscard]] std::chrono::nanoseconds steady() const override { return time_; }
  void sleep_for(std::chrono::nanoseconds duration) override {
    time_ += duration;
    ++sleeps;
    if (on_sleep) on_sleep();
  }
  int sleeps = 0;
  std::function<void()> on_sleep;

 private:
  std::chrono::nanoseconds time_{0};
};

}  // namespace

TEST_SUITE("sys::file_lock") {
  TEST_CASE("a directory or a new file is locked between processes, and freed by a kill") {
    const TempDir dir;
    for (const std::string& path : {dir.path(), dir.path("lock")}) {
      Holder holder(path);
      CHECK(holder.got());
      CHECK_FALSE(FileLock::try_acquire(path).has_value());
      holder.kill();
      CHECK(FileLock::try_acquire(path).has_value());
    }
    struct stat facts {};
    REQUIRE(::stat(dir.path("lock").c_str(), &facts) == 0);
    CHECK((facts.st_mode & 0777) == 0600);
  }

  TEST_CASE("a lock is exclusive within a process as well, and freed at its end") {
    const TempDir dir;
    auto lock = FileLock::try_acquire(dir.path());
    REQUIRE(lock);
    CHECK_FALSE(FileLock::try_acquire(dir.path()).has_value());
    CHECK_FALSE(Holder(dir.path()).got());
    lock.reset();
    CHECK(FileLock::try_acquire(dir.path()).has_value());
  }

  TEST_CASE("acquire gives up when its time is over, after tries every 10 ms") {
    const TempDir dir;
    const auto lock = FileLock::try_acquire(dir.path());
    StepClock clock;
    CHECK_FALSE(FileLock::acquire(dir.path(), 95ms, clock).has_value());
    CHECK(clock.steady() == 95ms);
    CHECK(clock.sleeps == 10);
    CHECK_FALSE(FileLock::acquire(dir.path(), 0ms, clock).has_value());
    CHECK(clock.sleeps == 10);
  }

  TEST_CASE("acquire gets the lock as soon as it is free") {
    const TempDir dir;
    auto lock = FileLock::try_acquire(dir.path());
    StepClock clock;
    clock.on_sleep = [&] {
      if (clock.sleeps == 3) lock.reset();
    };
    CHECK(FileLock::acquire(dir.path(), 1h, clock).has_value());
    CHECK(clock.sleeps == 3);
  }

  TEST_CASE("acquire gives up when the process is asked to stop") {
    const TempDir dir;
    const auto lock = FileLock::try_acquire(dir.path());
    StepClock clock;
    clock.on_sleep = [] { set_stop_requested(true); };
    CHECK_FALSE(FileLock::acquire(dir.path(), 1h, clock).has_value());
    CHECK(clock.sleeps == 1);
    set_stop_requested(false);
  }

  TEST_CASE("a child that inherits the descriptor keeps the lock until it ends") {
    const TempDir dir;
    auto lock = FileLock::try_acquire(dir.path());
    REQUIRE(lock);
    bool held = false;
    ProcessRequest request;
    request.argv = {"sh", "-c", "echo up; sleep 0.2"};
    request.inherited_fds = {lock->fd()};
    request.on_output = [&](std::string_view) {
      lock.reset();
      held = !FileLock::try_acquire(dir.path()).has_value();
    };
    CHECK(SystemProcessRunner().run(request).ok());
    CHECK(held);
    CHECK(FileLock::try_acquire(dir.path()).has_value());
  }

  TEST_CASE("a lock in a directory that is not there is an error") {
    const TempDir dir;
    try {
      (void)FileLock::try_acquire(dir.path("no/lock"));
      FAIL("no error");
    } catch (const Error& error) {
      CHECK(error.kind() == Kind::missing);
    }
  }

  TEST_CASE("a directory is seized at once, or it is told whether there is none") {
    const TempDir dir;
    bool absent = true;
    {
      const auto seized = FileLock::seize_directory(dir.path(), absent);
      CHECK(seized);
      CHECK_FALSE(absent);
      CHECK_FALSE(FileLock::seize_directory(dir.path(), absent));
      CHECK_FALSE(absent);
    }
    CHECK(FileLock::seize_directory(dir.path(), absent));
    CHECK_FALSE(FileLock::seize_directory(dir.path("gone"), absent));
    CHECK(absent);
    REQUIRE(::symlink(dir.path().c_str(), dir.path("link").c_str()) == 0);
    CHECK_FALSE(FileLock::seize_directory(dir.path("link"), absent));
    CHECK_FALSE(absent);
    for (const char* operation : {"open", "flock", "fstat"}) {
      const Failing hook(operation, EIO);
      CHECK_FALSE(FileLock::seize_directory(dir.path(), absent));
      CHECK_FALSE(absent);
    }
  }

  TEST_CASE("the kernel names the holder of a lock") {
    const TempDir dir;
    CHECK(flock_holder(dir.path()) == 0);
    CHECK(flock_holder(dir.path("gone")) == 0);
    const auto lock = FileLock::try_acquire(dir.path());
    CHECK(flock_holder(dir.path()) == ::getpid());
    const Failing hook("open", EIO);
    CHECK(flock_holder(dir.path()) == 0);
  }

  TEST_CASE("process_exists knows the living, the dead and the unreaped") {
    CHECK(process_exists(::getpid()));
    CHECK(process_exists(1));
    CHECK_FALSE(process_exists(0));
    CHECK_FALSE(process_exists(-1));
    CHECK_FALSE(process_exists(0x7FFFFFFF));
    const pid_t pid = ::fork();
    if (pid == 0) ::_exit(0);
    siginfo_t info{};
    REQUIRE(::waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WNOWAIT) == 0);
    CHECK_FALSE(process_exists(pid));
    ::waitpid(pid, nullptr, 0);
    CHECK_FALSE(process_exists(pid));
  }
}
