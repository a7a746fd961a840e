#include "base/log_throttle.hpp"

#include <doctest/doctest.h>

using recentd::FirstFew;
using recentd::LogThrottle;
using recentd::ReminderThrottle;
using namespace std::chrono_literals;

TEST_SUITE("base::log_throttle") {
  TEST_CASE("what goes on is told with falling frequency, at least once a day") {
    ReminderThrottle reminder;
    int told = 0;
    std::chrono::nanoseconds last{0}, longest{0};
    for (std::chrono::nanoseconds now = 0s; now < 24h * 10; now += 1min) {
      if (!reminder.due(now)) continue;
      ++told;
      longest = std::max(longest, now - last);
      last = now;
    }
    // After 0, 10, 30, 70 ... minutes, then daily.
    CHECK(told == 17);
    CHECK(longest == 24h);
  }

  TEST_CASE("of each kind the first few are told, and the rest is counted") {
    FirstFew few;
    int told = 0;
    for (int i = 0; i < 1000; ++i) told += few.note("hostile") ? 1 : 0;
    CHECK(few.note("link"));
    CHECK(told == 10);
    std::string rest;
    const auto tell = [&](std::string_view kind, std::uint64_t more) {
      rest += std::string(kind) + " " + std::to_string(more) + ";";
    };
    few.end(tell);
    few.end(tell);
    CHECK(rest == "hostile 990;");
    CHECK(few.note("hostile"));
  }

  TEST_CASE("what is over, or twice as bad, is told at once") {
    ReminderThrottle reminder;
    CHECK(reminder.due(5s, 10));
    CHECK_FALSE(reminder.due(6s, 20));
    CHECK(reminder.due(6s, 22));
    CHECK_FALSE(reminder.due(7s, 22));
    reminder.over();
    CHECK(reminder.due(8s, 1));
    CHECK_FALSE(reminder.due(8s + 9min));
    CHECK(reminder.due(8s + 10min));
    CHECK_FALSE(reminder.due(8s + 29min));
  }

  TEST_CASE("trouble that lasts is told ever more rarely, with its count") {
    LogThrottle log;
    int lines = 0;
    for (int i = 1; i <= 1000; ++i) {
      const auto line = log.note("no route to host");
      if (!line) continue;
      ++lines;
      if (i == 1) CHECK(*line == "no route to host");
      if (i == 512) CHECK(*line == "no route to host (512 times in a row)");
    }
    CHECK(lines == 10);
    CHECK(log.count() == 1000);
  }

  TEST_CASE("the end of it is told once") {
    LogThrottle log;
    CHECK_FALSE(log.over());
    log.note("x");
    CHECK(log.over() == "all is well again after 1 failure");
    CHECK_FALSE(log.over());
    log.note("x");
    log.note("x");
    CHECK(log.over() == "all is well again after 2 failures");
    CHECK(log.note("x") == "x");
  }

  TEST_CASE("another trouble is told at once, numbers and names make no other") {
    LogThrottle log;
    CHECK(log.note("cannot write 'a/b': No space left on device (28)"));
    CHECK(log.note("access denied"));
    CHECK(log.note("cannot write 'c': No space left on device (29)") ==
          "cannot write 'c': No space left on device (29) (2 times in a row)");
    CHECK_FALSE(log.note("cannot write 'd': No space left on device (30)"));
  }

  TEST_CASE("an upstream that says something else each time cannot flood the log") {
    LogThrottle log;
    int lines = 0;
    for (int i = 0; i < 5000; ++i)
      if (log.note(std::string(static_cast<std::size_t>(i), 'x'))) ++lines;
    CHECK(lines < 50);
  }
}
