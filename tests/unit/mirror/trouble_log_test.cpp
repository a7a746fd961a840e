#include "mirror/trouble_log.hpp"

#include <doctest/doctest.h>

using recentd::mirror::TroubleLog;

TEST_SUITE("mirror::trouble_log") {
  TEST_CASE("trouble that lasts is told ever more rarely, with its count") {
    TroubleLog log;
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
    TroubleLog log;
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
    TroubleLog log;
    CHECK(log.note("cannot write 'a/b': No space left on device (28)"));
    CHECK(log.note("access denied"));
    CHECK(log.note("cannot write 'c': No space left on device (29)") ==
          "cannot write 'c': No space left on device (29) (2 times in a row)");
    CHECK_FALSE(log.note("cannot write 'd': No space left on device (30)"));
  }

  TEST_CASE("an upstream that says something else each time cannot flood the log") {
    TroubleLog log;
    int lines = 0;
    for (int i = 0; i < 5000; ++i)
      if (log.note(std::string(static_cast<std::size_t>(i), 'x'))) ++lines;
    CHECK(lines < 50);
  }
}
