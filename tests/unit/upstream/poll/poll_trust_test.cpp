#include "upstream/poll/poll_trust.hpp"

#include <doctest/doctest.h>

using namespace recentd;
using namespace recentd::upstream;
using namespace std::chrono_literals;

namespace {

const PollTrust::Times k_times{{.first = 4s, .longest = 16s}, 300s, 120s};

}  // namespace

TEST_SUITE("upstream::poll_trust") {
  TEST_CASE("the very copy is no news, until the source itself is due") {
    PollTrust trust(k_times, 1);
    CHECK_FALSE(trust.may_look(0s));  // the source first
    trust.source_asked(0s);
    CHECK(trust.may_look(1s));
    CHECK(trust.seen(OnShow::same, 1s).no_news);
    CHECK(trust.may_look(299s));
    CHECK_FALSE(trust.may_look(300s));
    trust.source_asked(300s);
    CHECK(trust.may_look(301s));
  }

  TEST_CASE("news are news, and nothing is wrong with them") {
    PollTrust trust(k_times, 1);
    trust.source_asked(0s);
    const auto verdict = trust.seen(OnShow::ahead, 10s);
    CHECK_FALSE(verdict.no_news);
    CHECK_FALSE(verdict.wrong_since);
    CHECK(trust.may_look(11s));
  }

  TEST_CASE("a moment behind the source is none; for long, it is wrong and left alone") {
    for (const auto what : {OnShow::behind, OnShow::stranger}) {
      PollTrust trust(k_times, 1);
      trust.source_asked(10s);
      CHECK_FALSE(trust.seen(what, 10s).wrong_since);
      CHECK_FALSE(trust.seen(what, 129s).wrong_since);
      CHECK(trust.seen(OnShow::same, 129s).no_news);
      trust.source_asked(130s);
      CHECK_FALSE(trust.seen(what, 130s).no_news);
      CHECK(trust.seen(what, 250s).wrong_since == 130s);
      CHECK_FALSE(trust.may_look(252s));
      CHECK(trust.may_look(254s));
      CHECK(trust.seen(what, 254s).wrong_since == 130s);  // and further on
      CHECK_FALSE(trust.may_look(259s));
      CHECK(trust.may_look(262s));
    }
  }

  TEST_CASE("one that fails is wrong at once, and left alone for as long as it wishes") {
    PollTrust trust(k_times, 1);
    trust.source_asked(0s);
    CHECK(trust.seen(OnShow::nothing, 1s).wrong_since == 1s);
    CHECK_FALSE(trust.may_look(3s));
    CHECK(trust.may_look(5s));
    CHECK(trust.seen(OnShow::nothing, 5s, 60s).wrong_since);
    CHECK_FALSE(trust.may_look(64s));
    CHECK(trust.may_look(65s));
    CHECK(trust.seen(OnShow::same, 65s).no_news);
    CHECK(trust.seen(OnShow::nothing, 66s).wrong_since == 66s);
  }
}
