#include "sys/process/stall.hpp"

#include <doctest/doctest.h>

using namespace recentd::sys;
using namespace std::chrono_literals;

namespace {

// A watch that is asked when it wants to be; `rate` bytes come each second.
struct Scene {
  explicit Scene(StallLimit limit) : watch(limit, 0s) {}

  std::optional<StallWatch::Stall> pass(std::chrono::nanoseconds time, double rate) {
    const auto end = now + time;
    std::optional<StallWatch::Stall> stall;
    while (!stall && watch.next_look() <= end) {
      const auto before = now;
      now = watch.next_look();
      bytes += rate * std::chrono::duration<double>(now - before).count();
      stall = watch.look(now, static_cast<std::uint64_t>(bytes));
    }
    return stall;
  }

  StallWatch watch;
  std::chrono::nanoseconds now{0};
  double bytes = 10'000;  // what a program reads to start
};

}  // namespace

TEST_SUITE("sys::stall") {
  TEST_CASE("what comes fast enough goes on for ever, what does not is found within an eighth of a window") {
    Scene scene({80s, 64});
    CHECK_FALSE(scene.pass(1h, 65));
    const auto since = scene.now;
    const auto stall = scene.pass(1h, 0);
    REQUIRE(stall);
    CHECK(scene.now - since <= 90s);
    CHECK(stall->time >= 80s);
    CHECK(stall->bytes < 64 * 80);
  }

  TEST_CASE("a byte a second is as good as none, and so are signs of life") {
    for (const double rate : {0.0, 0.3, 1.0, 60.0}) {
      CAPTURE(rate);
      Scene scene({120s, 64});
      CHECK(scene.pass(151s, rate));
    }
    Scene lenient({120s, 0});
    CHECK_FALSE(lenient.pass(1h, 1));
    CHECK(lenient.pass(151s, 0.3));
  }

  TEST_CASE("a pause shorter than the window is none") {
    Scene scene({120s, 64});
    for (int i = 0; i < 10; ++i) {
      CHECK_FALSE(scene.pass(100s, 0.3));
      CHECK_FALSE(scene.pass(30s, 1e6));
    }
  }

  TEST_CASE("time in which nobody looked does not count") {
    Scene scene({80s, 64});
    CHECK_FALSE(scene.pass(70s, 0));
    scene.now += 1h;
    CHECK_FALSE(scene.watch.look(scene.now, 10'000));
    CHECK_FALSE(scene.pass(79s, 0));
    CHECK(scene.pass(11s, 0));
  }

  TEST_CASE("what cannot be learned is not held against anybody") {
    StallWatch watch({8s, 64}, 0s);
    for (auto now = 1s; now < 100s; ++now) CHECK_FALSE(watch.look(now, {}));
    for (auto now = 100s; now < 108s; ++now) CHECK_FALSE(watch.look(now, 5));
    CHECK(watch.look(108s, 5));
  }

  TEST_CASE("a process that ends takes its bytes along, which is no progress and no harm") {
    StallWatch watch({8s, 64}, 0s);
    for (auto now = 1s; now < 9s; ++now) CHECK_FALSE(watch.look(now, 1'000'000));
    CHECK(watch.look(9s, 20));
    StallWatch busy({8s, 64}, 0s);
    for (auto now = 1s; now < 100s; ++now)
      CHECK_FALSE(busy.look(now, static_cast<std::uint64_t>(now.count() % 10) * 1000));
  }

  TEST_CASE("without a window nothing stands still, and nobody has to look") {
    StallWatch watch({}, 5s);
    CHECK(watch.next_look() == std::chrono::nanoseconds::max());
    CHECK_FALSE(watch.look(1000h, 0));
  }
}
