#include <chrono>
#include <thread>

#include <doctest/doctest.h>
#include <signal.h>

#include <recentd/clock.hpp>

#include "sys/event.hpp"
#include "sys/process/signals.hpp"

using namespace recentd;
using namespace std::chrono_literals;

TEST_SUITE("sys::clock") {
  TEST_CASE("now is the wall clock, and steady does not run backwards") {
    const auto reference = std::chrono::system_clock::now();
    const auto gap = system_clock().now() - reference;
    CHECK(gap > -1s);
    CHECK(gap < 5s);
    const auto first = system_clock().steady();
    CHECK(system_clock().steady() >= first);
  }

  TEST_CASE("sleep_for waits as long as asked") {
    const auto start = system_clock().steady();
    system_clock().sleep_for(60ms);
    const auto took = system_clock().steady() - start;
    CHECK(took >= 60ms);
    CHECK(took < 2s);
    system_clock().sleep_for(-1s);
    system_clock().sleep_for(0s);
  }

  TEST_CASE("sleep_for ends early when a stop signal arrives") {
    sys::install_stop_handlers();
    sys::set_stop_requested(false);
    std::thread stopper([] {
      std::this_thread::sleep_for(80ms);
      ::raise(SIGTERM);
    });
    const auto start = system_clock().steady();
    system_clock().sleep_for(std::chrono::nanoseconds::max());
    CHECK(system_clock().steady() - start < 5s);
    stopper.join();
    CHECK(sys::stop_requested());
    sys::set_stop_requested(false);
  }

  TEST_CASE("sleep_for does not wait at all when a stop was requested before") {
    sys::set_stop_requested(true);
    const auto start = system_clock().steady();
    system_clock().sleep_for(10s);
    CHECK(system_clock().steady() - start < 1s);
    sys::set_stop_requested(false);
  }

  TEST_CASE("wait_for ends early when its descriptor is readable, and is a sleep without one") {
    sys::set_stop_requested(false);
    const sys::Event event;
    std::thread waker([&] {
      std::this_thread::sleep_for(80ms);
      event.raise();
    });
    auto start = system_clock().steady();
    system_clock().wait_for(1h, event.fd());
    CHECK(system_clock().steady() - start < 5s);
    waker.join();
    event.drain();
    start = system_clock().steady();
    system_clock().wait_for(60ms, event.fd());
    system_clock().wait_for(60ms, -1);
    CHECK(system_clock().steady() - start >= 120ms);
  }
}
