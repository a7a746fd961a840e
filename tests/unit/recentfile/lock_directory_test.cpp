#include "recentfile/lock_directory.hpp"

#include <chrono>
#include <thread>

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sys/fault.hpp"
#include "sys/process/identity.hpp"
#include "unit/recentfile/locks.hpp"
#include "unit/recentfile/processes.hpp"

using namespace recentd;
using namespace recentd::test;
using namespace std::chrono_literals;

namespace {

// A child that holds the lock as a command does, until there is a file `go`.
Child hold_leased(const Scratch& scratch) {
  Child holder = start_child([&] {
    lease_lock_owners(true);
    const LevelLock lock = take(scratch);
    scratch.write("ready", "");
    while (!scratch.exists("go")) std::this_thread::sleep_for(5ms);
    return 0;
  });
  while (!scratch.exists("ready")) std::this_thread::sleep_for(5ms);
  return holder;
}

}  // namespace

TEST_SUITE("recentfile::lock_directory") {
  TEST_CASE("a lock whose first line names a parent, as older versions made it, ends with its owner") {
    const Scratch scratch;
    leave_lock(scratch, "1\n" + std::to_string(dead_pid()) + "\n");
    CHECK_NOTHROW(take(scratch, 0s));
  }

  TEST_CASE("nobody reads the number of a process that ends soon as long as it holds the lock") {
    const Scratch scratch;
    Child holder = hold_leased(scratch);
    age_lock(scratch, 24h);
    std::string message;
    CHECK(refusal(scratch, 0s, &message) == Kind::locked);
    CHECK(message.find("a command") != std::string::npos);
    scratch.write("go", "");
    // Opened while it was held, it is read when it was given back.
    std::string seen;
    std::ifstream(scratch.root + "/" + k_lock + "/process") >> seen;
    CHECK(seen.empty());
    CHECK(holder.wait() == 0);
    CHECK(scratch.names() == Lines{"go", "ready"});
  }

  TEST_CASE("the lock of a process that is killed shows its number at once, and is taken over") {
    const Scratch scratch;
    Child holder = hold_leased(scratch);
    const auto pid = holder.pid();
    holder.kill();
    CHECK(scratch.read(std::string(k_lock) + "/process").starts_with(std::to_string(pid) + "\n"));
    CHECK_NOTHROW(take(scratch, 0s));
  }

  TEST_CASE("where the number cannot be leased it is there to be read") {
    const Scratch scratch;
    CHECK(in_child([&] {
            lease_lock_owners(true);
            sys::set_fault_hook([](auto operation, auto) { return operation == "lease" ? EINVAL : 0; });
            const LevelLock lock = take(scratch);
            return read_lock(scratch.root + "/" + k_lock)->owner == ::getpid() ? 0 : 1;
          }) == 0);
    CHECK(scratch.names().empty());
  }

  TEST_CASE("a process that took the owner's number later does not hold its lock") {
    const Scratch scratch;
    const Child other = start_program({"sleep", "60"});
    const std::string pid = std::to_string(other.pid()) + "\n";
    const std::uint64_t start = sys::process_start(other.pid()).value();
    const auto is_held = [&](const std::string& process, std::chrono::seconds age) {
      leave_lock(scratch, process);
      age_lock(scratch, age);
      const bool held = refusal(scratch, 0s) == Kind::locked;
      if (held) std::filesystem::remove_all(scratch.root + "/" + k_lock);
      return held;
    };
    CHECK(is_held(pid + pid + std::to_string(start) + "\n", 24h));
    CHECK_FALSE(is_held(pid + pid + std::to_string(start - 1) + "\n", 0s));
    // Perl's writers do not say when they began; then the lock's age tells.
    CHECK(is_held(pid, 0s));
    CHECK(is_held(pid, 50s));
    CHECK_FALSE(is_held(pid, 100s));
    CHECK(is_held(pid, -24h));
    CHECK_FALSE(is_held("1\n" + pid, 100s));
  }

  TEST_CASE("the kernel's lock of somebody who may not write there is not waited for") {
    if (::geteuid() != 0) return;
    const Scratch scratch;
    REQUIRE(::chmod(scratch.root.c_str(), 0755) == 0);
    const auto hold_as = [&](unsigned user) {
      Child holder = start_child([&] {
        const auto lock = lock_root(scratch.root, 5s, system_clock());
        scratch.write("ready", "");
        if (::setuid(user) != 0) _exit(9);
        ::pause();
        return 0;
      });
      while (!scratch.exists("ready")) std::this_thread::sleep_for(5ms);
      while (sys::user_of_process(holder.pid()) != user) std::this_thread::sleep_for(5ms);
      std::filesystem::remove(scratch.root + "/ready");
      return holder;
    };
    const auto is_free = [&] {
      try {
        lock_root(scratch.root, 20ms, system_clock());
        return true;
      } catch (const Error& error) {
        return error.kind() != Kind::locked;
      }
    };
    {
      const Child stranger = hold_as(65534);
      CHECK(is_free());
      REQUIRE(::chmod(scratch.root.c_str(), 0777) == 0);
      CHECK_FALSE(is_free());  // now he may be a writer
      REQUIRE(::chmod(scratch.root.c_str(), 0755) == 0);
    }
    const Child writer = hold_as(0);
    CHECK_FALSE(is_free());
  }
}
