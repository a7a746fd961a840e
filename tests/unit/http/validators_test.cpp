#include "http/validators.hpp"

#include <doctest/doctest.h>

using namespace recentd;
using namespace std::chrono_literals;
using http::Head;
using http::Validators;

namespace {

Head answer(std::int64_t modified, std::int64_t date) {
  Head head;
  head.etag = "\"e\"";
  head.modified = modified;
  head.date = date;
  return head;
}

const sys::FileFacts k_here{.size_bytes = 5, .mtime_s = 9, .inode = 1};

}  // namespace

TEST_SUITE("http::validators") {
  TEST_CASE("what lies here is asked for under the words that its answer had, as long as it lies here") {
    Validators validators;
    CHECK(validators.conditions("f", k_here).headers.empty());
    validators.note("f", answer(0, 100), k_here);
    const auto conditions = validators.conditions("f", k_here);
    CHECK(conditions.headers == std::vector<std::string>{"If-None-Match: \"e\"",
                                                         "If-Modified-Since: Thu, 01 Jan 1970 00:00:00 GMT"});
    CHECK(conditions.time == 0);
    auto other = k_here;
    ++other.mtime_s;
    CHECK(validators.conditions("f", other).headers.empty());
    CHECK(validators.conditions("f", {}).headers.empty());
    CHECK(validators.conditions("g", k_here).headers.empty());
  }

  TEST_CASE("words that a later version may have, too, are no condition") {
    Validators validators;
    validators.note("f", answer(0, 100), k_here);
    validators.note("f", answer(99, 100), k_here);
    CHECK(validators.conditions("f", k_here).headers.empty());
  }

  TEST_CASE("what a look saw is known once it is said that it lies here") {
    Validators validators;
    validators.note_seen("f", answer(0, 100));
    CHECK(validators.conditions("f", k_here).headers.empty());
    validators.confirm("f", k_here);
    CHECK(validators.conditions("f", k_here).time == 0);
    auto other = k_here;
    ++other.inode;
    validators.confirm("f", other);  // no look since
    CHECK(validators.conditions("f", k_here).time == 0);
    validators.note_seen("g", answer(99, 100));
    validators.confirm("g", k_here);
    CHECK(validators.conditions("g", k_here).headers.empty());
  }

  TEST_CASE("nobody is believed for longer than a day") {
    Validators validators;
    const Validators::Now now(1000h);
    validators.note("f", answer(0, 100), k_here, now);
    CHECK_FALSE(validators.conditions("f", k_here, now + 23h).headers.empty());
    CHECK(validators.conditions("f", k_here, now + 25h).headers.empty());
    CHECK_FALSE(validators.conditions("f", k_here, now + 25h).time);
  }
}
