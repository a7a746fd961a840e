#include "settings/values.hpp"

#include <doctest/doctest.h>

#include <recentd/error.hpp>

using namespace recentd;
using namespace recentd::settings;
using namespace std::chrono_literals;

namespace {

// What is told of a value that is refused; empty if it is taken.
template <class Parse>
std::string refusal(Parse parse, const char* text) {
  try {
    (void)parse("--name", text);
  } catch (const Error& error) {
    CHECK(error.kind() == Kind::usage);
    CHECK(std::string(error.what()).starts_with("--name "));
    return error.what();
  }
  return {};
}

template <class Parse>
void refuses(Parse parse, const std::vector<const char*>& texts) {
  for (const char* text : texts) {
    CAPTURE(text);
    CHECK_FALSE(refusal(parse, text).empty());
  }
}

}  // namespace

TEST_SUITE("settings::values") {
  TEST_CASE("seconds are plain decimals, to the nanosecond") {
    CHECK(parse_seconds("", "0") == 0s);
    CHECK(parse_seconds("", "24.2") == 24200ms);
    CHECK(parse_seconds("", "0.000000001") == 1ns);
    CHECK(parse_seconds("", "1000000000") == 1000000000s);
    refuses(parse_seconds, {"", "-1", "1e3", ".5", "1.", "5s", "1000000001", "inf"});
  }

  TEST_CASE("a duration may have a unit") {
    CHECK(parse_duration("", "90") == 90s);
    CHECK(parse_duration("", "90s") == 90s);
    CHECK(parse_duration("", "1.5m") == 90s);
    CHECK(parse_duration("", "12h") == 12h);
    CHECK(parse_duration("", "7d") == 168h);
    CHECK(parse_duration("", "2w") == 336h);
    CHECK(parse_duration("", "36525d") == 36525 * 24h);
    refuses(parse_duration, {"", "d", "-1d", "1y", "1 d", "36526d", "99999999999"});
  }

  TEST_CASE("numbers keep their bounds, also those of their type") {
    CHECK(parse_number("", "-5", -5) == -5);
    CHECK(parse_number("", "9223372036854775807", 0) == std::numeric_limits<std::int64_t>::max());
    refuses([](auto name, auto text) { return parse_number(name, text, 1, 32); },
            {"", "0", "33", "-1", "5x", "5.0", "9223372036854775808", "99999999999999999999"});
    CHECK(refusal([](auto name, auto text) { return parse_number(name, text, 1, 32); }, "0")
              .ends_with("from 1 to 32"));
    CHECK(refusal([](auto name, auto text) { return parse_number(name, text, 1); }, "0")
              .ends_with("from 1 up"));
  }

  TEST_CASE("sizes are bytes, or powers of 1024") {
    CHECK(parse_size("", "700") == 700);
    CHECK(parse_size("", "5K") == 5120);
    CHECK(parse_size("", "2G") == std::uint64_t{2} << 30);
    refuses(parse_size, {"", "0", "K", "-5", "5k", "5T", "1.5M", "18014398509481984K"});
  }

  TEST_CASE("words are taken as they are listed, and in no other spelling") {
    for (const char* yes : {"true", "yes", "on"}) CHECK(parse_switch("", yes));
    for (const char* no : {"false", "no", "off"}) CHECK_FALSE(parse_switch("", no));
    refuses(parse_switch, {"", "True", "1", "y"});
    CHECK(settings::parse_fsync("", "data") == Fsync::data);
    refuses(settings::parse_fsync, {"", "Full", "all"});
    CHECK(parse_allowed_suffix("", ".dd") == ".dd");
    refuses(parse_allowed_suffix, {"", "dd", ".yaml"});
  }

  TEST_CASE("epochs, records, limits and rules are those of their types") {
    CHECK(parse_epoch("", "1700000000.50").text() == "1700000000.50");
    refuses(parse_epoch, {"", "1e9", "now"});
    const TimePoint now{std::chrono::seconds(1'700'000'000)};
    CHECK(parse_moment("", "1700000000.50", now).text() == "1700000000.50");
    CHECK(parse_moment("", "12h", now) == *Epoch::parse("1699956800"));
    CHECK(parse_moment("", "2023-11-14T22:13:20.5Z", now) == *Epoch::parse("1700000000.5"));
    CHECK(parse_moment("", "2023-11-14T23:13:20+01:00", now) == *Epoch::parse("1700000000"));
    CHECK(parse_moment("", "2023-11-14", now) == *Epoch::parse("1699920000"));
    refuses([&](std::string_view name, std::string_view text) { return parse_moment(name, text, now); },
            {"", "now", "-1", "1e9", "12 h", "2023-02-30", "12h ago"});
    CHECK_NOTHROW(parse_record("", "size,digest"));
    refuses(parse_record, {"colour"});
    CHECK(parse_delete_limit("", "1000,10%").text() == "1000,10%");
    refuses(parse_delete_limit, {"", "x"});
  }

  TEST_CASE("a duration is shown as it is read, without needless digits") {
    for (const char* text : {"0", "20", "24.2", "0.000000001"})
      CHECK(seconds_text(parse_seconds("", text)) == text);
  }
}
