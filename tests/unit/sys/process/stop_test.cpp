#include <thread>

#include <doctest/doctest.h>
#include <poll.h>

#include <recentd/clock.hpp>
#include <recentd/stop.hpp>

#include "sys/process/process.hpp"

using namespace recentd;
using namespace std::chrono_literals;

namespace {

bool readable(const Stop& stop) {
  pollfd fd{stop.fd(), POLLIN, 0};
  return ::poll(&fd, 1, 0) == 1;
}

}  // namespace

TEST_SUITE("sys::stop") {
  TEST_CASE("a stop of its own does not touch the others") {
    Stop one, other;
    one.request();
    one.request();
    CHECK(one.requested());
    CHECK(readable(one));
    CHECK_FALSE(other.requested());
    CHECK_FALSE(readable(other));
    CHECK_FALSE(Stop::process().requested());
    one.clear();
    CHECK_FALSE(one.is_set());
    CHECK_FALSE(readable(one));
  }

  TEST_CASE("a clock's sleep ends with its own stop alone") {
    Stop mine;
    const auto clock = system_clock(mine);
    std::thread stopper([&] {
      std::this_thread::sleep_for(80ms);
      mine.request();
    });
    const auto start = clock->steady();
    clock->sleep_for(60s);
    CHECK(clock->steady() - start < 5s);
    stopper.join();
    CHECK(&clock->stop() == &mine);
    CHECK(&system_clock().stop() == &Stop::process());
    const auto later = clock->steady();
    system_clock().sleep_for(10ms);
    CHECK(clock->steady() - later >= 10ms);
  }

  TEST_CASE("a runner's child ends with its own stop") {
    Stop mine, other;
    std::thread stopper([&] {
      std::this_thread::sleep_for(80ms);
      mine.request();
    });
    sys::ProcessRequest request;
    request.argv = {"sleep", "60"};
    const auto result = sys::SystemProcessRunner(mine).run(request);
    stopper.join();
    CHECK(result.stopped);
    request.argv = {"sleep", "0.1"};
    CHECK(sys::SystemProcessRunner(other).run(request).ok());
  }

  TEST_CASE("asking is a sign of life, looking from outside is none") {
    const Stop stop;
    CHECK(stop.last_asked() == 0ns);
    CHECK_FALSE(stop.is_set());
    CHECK(stop.last_asked() == 0ns);
    CHECK_FALSE(stop.requested());
    const auto age = system_clock().steady() - stop.last_asked();
    CHECK(age < 5s);
    CHECK(age > -1s);
  }
}
