#include "recentfile/lock.hpp"

#include <chrono>
#include <thread>

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <recentd/error.hpp>

#include "recentfile/lock_directory.hpp"
#include "sys/fault.hpp"
#include "sys/process/identity.hpp"
#include "unit/recentfile/locks.hpp"
#include "unit/recentfile/processes.hpp"

using namespace recentd;
using namespace recentd::test;
using namespace std::chrono_literals;

namespace {

// What the reference does around its work, and a detector: two inside at once cannot both make the directory.
constexpr const char* k_perl_writer = R"(
  use Time::HiRes 'sleep';
  my ($lock, $inside, $rounds) = @ARGV;
  for (1 .. $rounds) {
    until (mkdir $lock) {
      if (open my $fh, '<', "$lock/process") {
        my $pid = <$fh>;
        if (defined $pid && $pid =~ /^\d+$/ && !kill 0, $pid) { die "dead owner $pid" }
      }
      sleep 0.001;
    }
    open my $out, '>', "$lock/process" or die "process: $!";
    print $out "$$\n";
    close $out;
    mkdir $inside or die "overlap";
    sleep 0.0005;
    rmdir $inside or die "overlap at the end";
    unlink "$lock/process" or die "unlink: $!";
    rmdir $lock or die "rmdir: $!";
  }
)";

void work_inside(const std::string& inside) {
  if (::mkdir(inside.c_str(), 0777) != 0) _exit(3);
  ::usleep(500);
  if (::rmdir(inside.c_str()) != 0) _exit(4);
}

}  // namespace

TEST_SUITE("recentfile::lock") {
  TEST_CASE("the lock is a directory with our pid, gone when released") {
    const Scratch scratch;
    {
      const LevelLock lock = take(scratch);
      const std::string pid = std::to_string(::getpid()) + "\n";
      const std::string start = std::to_string(sys::process_start(::getpid()).value()) + "\n";
      CHECK(scratch.read(std::string(k_lock) + "/process") == pid + pid + start);
      CHECK(scratch.names() == Lines{k_lock});
    }
    CHECK(scratch.names().empty());
  }

  TEST_CASE("a second one of the same process waits, and says who holds it") {
    const Scratch scratch;
    const LevelLock lock = take(scratch);
    std::string message;
    CHECK(refusal(scratch, 0s, &message) == Kind::locked);
    CHECK(message.find("process " + std::to_string(::getpid())) != std::string::npos);
    CHECK(message.find("RECENT-1h.yaml.lock") != std::string::npos);
    CHECK(scratch.exists(k_lock));
  }

  TEST_CASE("a series of locks uses one directory, which goes with the series") {
    const Scratch scratch;
    {
      SpareLocks spares;
      const auto take_one = [&] {
        return LevelLock::acquire(scratch.root, "RECENT-1h.yaml", "RECENT", 0s, system_clock(), &spares);
      };
      std::optional<LockState> first, second;
      {
        const LevelLock lock = take_one();
        first = read_lock(scratch.root + "/" + k_lock);
      }
      CHECK_FALSE(scratch.exists(k_lock));
      {
        const LevelLock lock = take_one();
        second = read_lock(scratch.root + "/" + k_lock);
        CHECK(refusal(scratch, 0s) == Kind::locked);
      }
      REQUIRE(first);
      REQUIRE(second);
      CHECK(second->inode == first->inode);
      CHECK(second->owner == ::getpid());
      std::filesystem::remove_all(scratch.root + "/" + scratch.names().at(0));
      const LevelLock lock = take_one();
      CHECK(read_lock(scratch.root + "/" + k_lock)->owner == ::getpid());
    }
    CHECK(scratch.names().empty());
  }

  TEST_CASE("a moved lock is released once, by its last owner") {
    const Scratch scratch;
    LevelLock second = take(scratch);
    {
      const LevelLock first = std::move(second);
      CHECK(scratch.exists(k_lock));
    }
    CHECK_FALSE(scratch.exists(k_lock));
    const LevelLock again = take(scratch, 0s);
    CHECK(scratch.exists(k_lock));
  }

  TEST_CASE("the lock of a dead process is taken over when the reference's writers had their time for it") {
    const Scratch scratch;
    FakeClock clock(1300000000);
    leave_lock(scratch, std::to_string(dead_pid()) + "\n");
    const auto wait = [&](std::chrono::nanoseconds timeout) {
      const auto start = clock.steady();
      const LevelLock lock = LevelLock::acquire(scratch.root, "RECENT-1h.yaml", "RECENT", timeout, clock);
      CHECK(scratch.names() == Lines{k_lock});
      return clock.steady() - start;
    };
    const auto waited = wait(600s);
    CHECK(waited >= 1500ms);
    CHECK(waited < 1600ms);
    leave_lock(scratch, std::to_string(dead_pid()) + "\n");
    CHECK(wait(0s) == 0s);  // who does not wait takes it as it is
    CHECK(scratch.names().empty());
  }

  TEST_CASE("a dead lock that somebody takes over meanwhile is his") {
    const Scratch scratch;
    leave_lock(scratch, std::to_string(dead_pid()) + "\n");
    // Without a look at what stands there: as the reference does it, a second after it found the lock dead.
    class Reference : public FakeClock {
     public:
      explicit Reference(const Scratch& scratch) : FakeClock(1300000000), scratch_(scratch) {}
      void sleep_for(std::chrono::nanoseconds duration) override {
        FakeClock::sleep_for(duration);
        if (steady() > 1s) scratch_.write(std::string(k_lock) + "/process", "1\n");
      }

     private:
      const Scratch& scratch_;
    } clock(scratch);
    CHECK_THROWS_AS(LevelLock::acquire(scratch.root, "RECENT-1h.yaml", "RECENT", 5s, clock), Error);
    CHECK(scratch.read(std::string(k_lock) + "/process") == "1\n");
  }

  TEST_CASE("a process that we may not signal is alive") {
    const Scratch scratch;
    leave_lock(scratch, "1\n");
    const auto as_nobody = [&] {
      if (::geteuid() == 0 && (::chmod(scratch.root.c_str(), 0777) != 0 || ::setuid(65534) != 0)) _exit(9);
      return refusal(scratch, 30ms) == Kind::locked ? 0 : 1;
    };
    CHECK(in_child(as_nobody) == 0);
    CHECK(scratch.read(std::string(k_lock) + "/process") == "1\n");
  }

  TEST_CASE("a lock without an owner is respected for 60 s, then it is dead") {
    const Scratch scratch;
    leave_lock(scratch, "");
    age_lock(scratch, 50s);
    CHECK(refusal(scratch, 30ms) == Kind::locked);
    age_lock(scratch, 61s);
    CHECK(refusal(scratch, 30ms) == Kind::internal);
  }

  TEST_CASE("a lock without an owner that is dated in the future does not stand for ever") {
    const Scratch scratch;
    leave_lock(scratch, "");
    age_lock(scratch, -50s);
    CHECK(refusal(scratch, 30ms) == Kind::locked);
    age_lock(scratch, -24h * 365);
    CHECK(refusal(scratch, 30ms) == Kind::internal);
  }

  TEST_CASE("garbage for a pid is no owner") {
    const Scratch scratch;
    for (const char* text : {"x\n", "", "0\n", "99999999999999\n", "-4\n"}) {
      leave_lock(scratch, text);
      age_lock(scratch, 50s);
      CHECK(refusal(scratch, 0s) == Kind::locked);
      std::filesystem::remove_all(scratch.root + "/" + k_lock);
    }
  }

  TEST_CASE("a lock with our own pid that we do not hold is a dead process's") {
    const Scratch scratch;
    leave_lock(scratch, std::to_string(::getpid()) + "\n");
    CHECK(refusal(scratch, 100ms) == Kind::internal);
  }

  TEST_CASE("a lock of ours is held whatever spelling the next one reaches the root by") {
    const Scratch scratch, beside;
    std::filesystem::create_directory_symlink(scratch.root, beside.root + "/link");
    const LevelLock held = take(scratch);
    for (const auto& root : {beside.root + "/link", scratch.root + "/", scratch.root + "/."}) {
      CAPTURE(root);
      CHECK_THROWS_AS(LevelLock::acquire(root, "RECENT-1h.yaml", "RECENT", 0s, system_clock()), Error);
    }
  }

  TEST_CASE("a forked child that ends does not release its parent's lock") {
    const Scratch scratch;
    const LevelLock lock = take(scratch);
    CHECK(in_child([copy = &lock] {
            LevelLock moved = std::move(*const_cast<LevelLock*>(copy));
            return 0;
          }) == 0);
    CHECK(scratch.exists(k_lock));
    CHECK(in_child([&] { return refusal(scratch, 20ms) == Kind::locked ? 0 : 1; }) == 0);
  }

  TEST_CASE("a lock that somebody else has taken over is left to him") {
    const Scratch scratch;
    {
      const LevelLock lock = take(scratch);
      scratch.write(std::string(k_lock) + "/process", "1\n");
    }
    CHECK(scratch.read(std::string(k_lock) + "/process") == "1\n");
  }

  TEST_CASE("a missing directory is an error at once, so is one that may not be written") {
    const Scratch scratch;
    const auto start = std::chrono::steady_clock::now();
    CHECK_THROWS_AS(
        LevelLock::acquire(scratch.root + "/no", "RECENT-1h.yaml", "RECENT", 600s, system_clock()), Error);
    CHECK_THROWS_AS(lock_root(scratch.root + "/no", 600s, system_clock()), Error);
    CHECK_FALSE(scratch.exists("no"));
    const auto as_nobody = [&] {
      if (::geteuid() == 0 && (::chmod(scratch.root.c_str(), 0755) != 0 || ::setuid(65534) != 0)) return 9;
      ::chmod(scratch.root.c_str(), 0555);
      return refusal(scratch, 600s) == Kind::io ? 0 : 1;
    };
    CHECK(in_child(as_nobody) == 0);
    CHECK(std::chrono::steady_clock::now() - start < 5s);
  }

  TEST_CASE("what a crash leaves of a half-made lock is swept when the next dead lock is broken") {
    const Scratch scratch;
    scratch.write("RECENT.recent.lock." + std::to_string(dead_pid()) + ".1/process", "1\n");
    scratch.write("RECENT.recent.lock.1.1/process", "1\n");
    std::filesystem::create_symlink("RECENT-1h.yaml",
                                    scratch.root + "/RECENT.recent." + std::to_string(dead_pid()));
    leave_lock(scratch, std::to_string(dead_pid()) + "\n");
    const LevelLock lock = take(scratch, 0s);
    CHECK(scratch.names() == Lines{k_lock, "RECENT.recent.lock.1.1"});
  }

  TEST_CASE("8 processes of ours and 3 of the reference never meet inside") {
    const Scratch scratch;
    const std::string lock = scratch.root + "/" + k_lock, inside = scratch.root + "/inside";
    std::vector<Child> children;
    for (int i = 0; i < 3; ++i) {
      children.push_back(start_program({"perl", "-e", k_perl_writer, lock, inside, "60"}));
    }
    for (int i = 0; i < 8; ++i) {
      children.push_back(start_child([&] {
        for (int round = 0; round < 25; ++round) {
          const LevelLock held = take(scratch, 60s);
          work_inside(inside);
        }
        return 0;
      }));
    }
    for (Child& child : children) CHECK(child.wait() == 0);
    CHECK(scratch.names().empty());
  }

  TEST_CASE("of 8 processes behind a dead lock only one at a time gets in") {
    for (int round = 0; round < 5; ++round) {
      const Scratch scratch;
      leave_lock(scratch, std::to_string(dead_pid()) + "\n");
      std::vector<Child> children;
      for (int i = 0; i < 8; ++i) {
        children.push_back(start_child([&] {
          const LevelLock held = take(scratch, 60s);
          work_inside(scratch.root + "/inside");
          return 0;
        }));
      }
      for (Child& child : children) CHECK(child.wait() == 0);
      CHECK(scratch.names().empty());
    }
  }

  TEST_CASE("the kernel's lock on the root names its holder, and ends with him") {
    const Scratch scratch;
    Child child = start_child([&] {
      const auto lock = lock_root(scratch.root, 5s, system_clock());
      scratch.write("ready", "");
      ::pause();
      return 0;
    });
    while (!scratch.exists("ready")) std::this_thread::sleep_for(5ms);
    std::string message;
    try {
      lock_root(scratch.root, 20ms, system_clock());
    } catch (const Error& error) {
      CHECK(error.kind() == Kind::locked);
      message = error.what();
    }
    CHECK(message.find("process " + std::to_string(child.pid())) != std::string::npos);
    child.kill();
    CHECK_NOTHROW(lock_root(scratch.root, 1s, system_clock()));
  }
}
