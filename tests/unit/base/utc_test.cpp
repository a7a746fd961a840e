#include "base/utc.hpp"

#include <doctest/doctest.h>

using recentd::parse_utc;
using recentd::Utc;
using recentd::utc_text;
using namespace std::chrono;

TEST_SUITE("base::utc") {
  TEST_CASE("what is printed is read again") {
    for (const long long us :
         {0LL, 1LL, 1'795'342'500'123'456LL, 951'782'399'999'999LL, -1LL, 253'402'300'799'999'999LL}) {
      const Utc time{microseconds(us)};
      CAPTURE(utc_text(time));
      CHECK(parse_utc(utc_text(time)) == time);
    }
    CHECK(utc_text(Utc(microseconds(1'795'342'500'123'456LL))) == "2026-11-22T10:15:00.123456Z");
  }

  TEST_CASE("parts may be left out from the end") {
    const Utc noon = sys_days(2024y / February / 29) + 12h;
    for (const char* text : {"2024-02-29T12:00", "2024-02-29 12:00", "2024-02-29T12:00Z",
                             "2024-02-29T12:00:00", "2024-02-29T12:00:00.0Z"})
      CHECK(parse_utc(text) == noon);
    CHECK(parse_utc("2024-02-29") == Utc(sys_days(2024y / February / 29)));
    CHECK(parse_utc("2024-02-29T12:00:00.1234567") == noon + 123456us);
  }

  TEST_CASE("an offset is taken off") {
    const Utc noon = sys_days(2024y / February / 29) + 12h;
    CHECK(parse_utc("2024-02-29T13:00+01:00") == noon);
    CHECK(parse_utc("2024-02-29 08:30:00.0-03:30") == noon);
    for (const char* text : {"2024-02-29T13:00+1:00", "2024-02-29T13:00+01", "2024-02-29T13:00+0100",
                             "2024-02-29T13:00+24:00", "2024-02-29T13:00+01:60", "2024-02-29T13:00+01:00Z"}) {
      CAPTURE(text);
      CHECK_FALSE(parse_utc(text));
    }
  }

  TEST_CASE("what is printed in the machine's zone is read again, whatever that is") {
    for (const long long us : {0LL, 1LL, 1'795'342'500'123'456LL, -1LL, 253'402'300'799'999'999LL}) {
      const Utc time{microseconds(us)};
      CAPTURE(recentd::local_text(time));
      CHECK(parse_utc(recentd::local_text(time)) == time);
    }
  }

  TEST_CASE("anything else is no time") {
    for (const char* text : {"", "2023-02-29", "2024-13-01", "2024-1-1", "2024-01-01T", "2024-01-01T24:00",
                             "2024-01-01T10:60", "2024-01-01T10:00:60", "2024-01-01T10:00:00.",
                             "2024-01-01T10:00+02", "2024-01-01Z", "yesterday", "-024-01-01", "+024-01-01"}) {
      CAPTURE(text);
      CHECK_FALSE(parse_utc(text));
    }
  }
}
