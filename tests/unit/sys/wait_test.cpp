#include "sys/wait.hpp"

#include <cerrno>

#include <doctest/doctest.h>

#include <recentd/error.hpp>

#include "sys/event.hpp"
#include "unit/sys/fault_hook.hpp"

using namespace recentd;
using namespace recentd::sys;
using namespace recentd::sys::test;

namespace {

// How long that takes.
template <class Work>
std::chrono::nanoseconds time_of(const Work& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::steady_clock::now() - start;
}

}  // namespace

TEST_SUITE("sys::wait") {
  using std::chrono::milliseconds;
  using std::chrono::seconds;

  TEST_CASE("a wait ends with its limit, or with the first descriptor that is readable") {
    const Event one, two;
    CHECK(time_of([&] { wait_readable({one.fd(), two.fd()}, milliseconds(20)); }) >= milliseconds(20));
    CHECK(time_of([&] { wait_readable({one.fd()}, -seconds(1)); }) < seconds(1));
    two.raise();
    CHECK(time_of([&] { wait_readable({one.fd(), two.fd()}, seconds(10)); }) < seconds(5));
    two.drain();
    const Failing hook("poll", ENOMEM);
    CHECK(time_of([&] { wait_readable({one.fd()}, seconds(10)); }) < seconds(5));
  }

  TEST_CASE("the end comes first") {
    const Event end, work;
    work.raise();
    CHECK(wait_unless(end.fd(), work.fd()));
    end.raise();
    CHECK_FALSE(wait_unless(end.fd(), work.fd()));
    const Failing hook("poll", ENOMEM);
    CHECK_THROWS_AS(wait_unless(end.fd(), work.fd()), Error);
  }
}
