#include "sys/process/identity.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace recentd::sys;

TEST_SUITE("sys::identity") {
  TEST_CASE("a process knows itself") {
    CHECK(own_pid() == ::getpid());
    CHECK(is_root() == (::geteuid() == 0));
  }

  TEST_CASE("the umask is told and stays what it is") {
    const auto kept = ::umask(037);
    CHECK(own_umask() == 037);
    CHECK(::umask(kept) == 037);
    CHECK(own_umask() == kept);
    CHECK(own_user() == ::geteuid());
    CHECK(user_of_process(::getpid()) == ::geteuid());
    CHECK_FALSE(user_of_process(0));
  }

  TEST_CASE("a process began once, and after its parent") {
    const auto own = process_start(::getpid()), parents = process_start(::getppid());
    REQUIRE(own);
    REQUIRE(parents);
    CHECK(*own >= *parents);
    CHECK(process_start(::getpid()) == own);
    CHECK(process_age_s(::getpid()).value() < 24 * 3600);
    CHECK(process_age_s(::getppid()).value() >= process_age_s(::getpid()).value());
    CHECK_FALSE(process_start(0));
    CHECK_FALSE(process_age_s(1 << 30));
  }
}
