#include "upstream/upstream_choice.hpp"

#include <doctest/doctest.h>

using namespace recentd;
using namespace recentd::upstream;
using namespace std::chrono_literals;
using Reason = UpstreamChoice::Reason;

namespace {

UpstreamStatus status(const char* newest, bool plausible = true, const char* dirtymark = "1") {
  return {Epoch::parse(newest), dirtymark, plausible};
}

UpstreamStatus part(const char* newest) {
  return {Epoch::parse(newest), "9", true, "1"};
}

ChoiceTimes times() {
  return {{1s, 300s}, 300s, 120s};
}

// All were looked at once, at 0 s.
UpstreamChoice looked(std::initializer_list<const char*> newest) {
  UpstreamChoice choice(newest.size(), times(), 1);
  std::size_t i = 0;
  for (const char* text : newest) choice.seen(i++, status(text), 0s);
  return choice;
}

// The next one is followed; which it is.
std::size_t go_on(UpstreamChoice& choice, std::chrono::nanoseconds now) {
  const auto next = choice.next(now);
  REQUIRE(next.wait == 0s);
  choice.follow(next.upstream);
  return next.upstream;
}

}  // namespace

TEST_SUITE("upstream::upstream_choice") {
  TEST_CASE("a single upstream is never looked at and always next, after its own waits") {
    UpstreamChoice choice(1, times(), 1);
    CHECK_FALSE(choice.probe_due(0s));
    CHECK(choice.next(0s).upstream == 0);
    choice.follow(0);
    choice.failed(0, Trouble::unreachable, 10s);
    CHECK(choice.next(10s).wait > 700ms);
    CHECK(choice.next(11s).wait <= 0s);
  }

  TEST_CASE("one that wishes to be left alone is, however short its own wait would be") {
    UpstreamChoice choice(1, times(), 1);
    choice.follow(0);
    choice.failed(0, Trouble::turned_away, 10s, 300s);
    CHECK(choice.next(10s).wait == 300s);
    choice.failed(0, Trouble::unreachable, 400s, 0s);
    CHECK(choice.next(400s).wait < 300s);
  }

  TEST_CASE("who wishes to ask at once need not wait, but what fails then is waited for as before") {
    UpstreamChoice choice(2, times(), 1);
    choice.follow(0);
    for (const std::size_t i : {0, 1}) choice.failed(i, Trouble::turned_away, 10s, 300s);
    CHECK(choice.next(11s).wait > 200s);
    choice.retry_now();
    CHECK(choice.next(11s).wait <= 0s);
    for (const std::size_t i : {0, 1}) choice.failed(i, Trouble::turned_away, 11s, 300s);
    CHECK(choice.next(12s).wait > 200s);
  }

  TEST_CASE("at the start each is looked at, and the freshest is taken, the first of equals") {
    UpstreamChoice choice(3, times(), 1);
    CHECK(choice.probe_due(0s) == 0);
    choice.seen(0, status("100"), 0s);
    CHECK(choice.probe_due(0s) == 1);
    choice.failed(1, Trouble::unreachable, 0s);
    CHECK(choice.probe_due(0s) == 2);
    choice.seen(2, status("200"), 0s);
    CHECK_FALSE(choice.probe_due(0s));
    CHECK(choice.next(0s).reason == Reason::first);
    CHECK(choice.next(0s).upstream == 2);
    auto equal = looked({"200", "200"});
    CHECK(equal.next(0s).upstream == 0);
  }

  TEST_CASE("what lies in the future is fresh only if nobody else works") {
    UpstreamChoice choice(2, times(), 1);
    choice.seen(0, status("9999", false), 0s);
    choice.seen(1, status("100"), 0s);
    CHECK(choice.next(0s).upstream == 1);
    choice.failed(1, Trouble::unreachable, 0s);
    CHECK(choice.next(0s).upstream == 0);
  }

  TEST_CASE("an older dirtymark is no fresh one, whatever the newest event is") {
    UpstreamChoice choice(2, times(), 1);
    choice.seen(0, status("300", true, "5"), 0s);
    choice.seen(1, status("200", true, "6"), 0s);
    CHECK(choice.next(0s).upstream == 1);
  }

  TEST_CASE("a partial mirror is never followed as long as another one may have the whole tree") {
    UpstreamChoice choice(2, times(), 1);
    choice.seen(1, part("300"), 0s);
    CHECK(choice.next(0s).upstream == 0);  // not seen yet
    choice.failed(0, Trouble::unreachable, 0s);
    CHECK(choice.next(0s).upstream == 0);  // and waited for
    CHECK(choice.next(0s).wait > 0s);
    choice.seen(0, status("100"), 2s);
    CHECK(go_on(choice, 2s) == 0);
    // Neither for its news nor where the other one fails.
    choice.seen(1, part("400"), 10s);
    choice.seen(0, status("100"), 200s);
    choice.seen(1, part("500"), 201s);
    CHECK(go_on(choice, 202s) == 0);
    choice.failed(0, Trouble::turned_away, 220s);
    CHECK(choice.next(220s).upstream == 0);
    CHECK(choice.is_fit(0));
    CHECK_FALSE(choice.is_fit(1));
    CHECK(choice.has_to_be_whole(1));
  }

  TEST_CASE("one that turns out to be a partial mirror is left") {
    auto choice = looked({"200", "100"});
    CHECK(go_on(choice, 0s) == 0);
    choice.seen(0, part("200"), 20s);
    CHECK(choice.next(20s).reason == Reason::partial);
    CHECK(go_on(choice, 20s) == 1);
  }

  TEST_CASE("partial mirrors are followed where all are, or where a part is mirrored already") {
    UpstreamChoice all(2, times(), 1);
    all.seen(0, part("100"), 0s);
    all.seen(1, part("300"), 0s);
    CHECK(go_on(all, 0s) == 1);
    UpstreamChoice some(2, times(), 1);
    some.accept_parts(true);
    some.seen(1, part("300"), 0s);
    some.failed(0, Trouble::unreachable, 0s);
    CHECK(go_on(some, 0s) == 1);
    CHECK_FALSE(some.has_to_be_whole(1));
    // From the start the whole one is preferred.
    UpstreamChoice both(2, times(), 1);
    both.accept_parts(true);
    both.seen(0, part("300"), 0s);
    both.seen(1, status("100"), 0s);
    CHECK(go_on(both, 0s) == 1);
  }

  TEST_CASE("content of a part is the content of the index that it is a part of") {
    CHECK(part("300").content_mark() == status("100").content_mark());
    CHECK(status("100", true, "2").content_mark() != part("300").content_mark());
  }

  TEST_CASE("it stays with the one that works, however fresh the others are for a moment") {
    auto choice = looked({"200", "100"});
    CHECK(go_on(choice, 0s) == 0);
    for (int t = 20; t < 4000; t += 20) {
      const auto now = std::chrono::seconds(t);
      choice.seen(1, status(std::to_string(200 + t).c_str()), now);
      choice.seen(0, status(std::to_string(200 + t).c_str()), now + 10s);
      CHECK(go_on(choice, now + 10s) == 0);
    }
  }

  TEST_CASE("after a failure the freshest other one is next, at once") {
    auto choice = looked({"200", "100", "150"});
    CHECK(go_on(choice, 0s) == 0);
    choice.failed(0, Trouble::unreachable, 20s);
    CHECK(choice.next(20s).reason == Reason::failing);
    CHECK(go_on(choice, 20s) == 2);
    choice.seen(2, status("160"), 20s);
    // The first one comes back: no reason to leave the one that works.
    choice.seen(0, status("160"), 400s);
    CHECK(go_on(choice, 400s) == 2);
  }

  TEST_CASE("where all fail, each is tried when its own wait is over") {
    auto choice = looked({"200", "100"});
    CHECK(go_on(choice, 0s) == 0);
    choice.failed(0, Trouble::unreachable, 0s);
    CHECK(go_on(choice, 0s) == 1);
    choice.failed(1, Trouble::turned_away, 0s);
    auto next = choice.next(0s);
    CHECK(next.upstream == 0);
    CHECK(next.wait > 0s);
    CHECK(next.wait <= 1s);
    for (int i = 0; i < 6; ++i) {
      const auto now = next.wait + 1s * i;
      CHECK(choice.next(now).wait <= 300s);
    }
    for (int i = 0; i < 12; ++i) choice.failed(0, Trouble::unreachable, 1s);
    CHECK(go_on(choice, 20s) == 1);
  }

  TEST_CASE("one that still lacks after max_lag what another had twice is left") {
    auto choice = looked({"200", "200"});
    CHECK(go_on(choice, 0s) == 0);
    choice.seen(1, status("300"), 10s);
    choice.seen(0, status("200"), 100s);
    CHECK(go_on(choice, 100s) == 0);  // not for long enough
    choice.seen(0, status("200"), 131s);
    CHECK(go_on(choice, 131s) == 0);  // the other one was seen only once
    choice.seen(1, status("310"), 132s);
    CHECK(choice.next(140s).reason == Reason::lagging);
    CHECK(go_on(choice, 140s) == 1);
    // And back only for the same reason.
    choice.seen(0, status("320"), 150s);
    choice.seen(1, status("320"), 160s);
    CHECK(go_on(choice, 400s) == 1);
  }

  TEST_CASE("an idle origin is no lag, nor is one that catches up before max_lag") {
    auto choice = looked({"200", "200"});
    CHECK(go_on(choice, 0s) == 0);
    choice.seen(1, status("100000"), 10'000s);  // after a quiet day
    choice.seen(0, status("100000"), 10'020s);
    choice.seen(1, status("100000"), 10'200s);
    choice.seen(0, status("100000"), 10'400s);
    CHECK(go_on(choice, 10'400s) == 0);
  }

  TEST_CASE("one that is ahead is looked at again soon, to be sure") {
    auto choice = looked({"200", "200"});
    CHECK(go_on(choice, 0s) == 0);
    CHECK_FALSE(choice.probe_due(200s));
    choice.seen(1, status("300"), 320s);
    CHECK_FALSE(choice.probe_due(430s));
    CHECK(choice.probe_due(441s) == 1);
  }

  TEST_CASE("one that is ahead under an older dirtymark does not lure") {
    UpstreamChoice choice(2, times(), 1);
    choice.seen(0, status("200", true, "6"), 0s);
    choice.seen(1, status("200", true, "6"), 0s);
    CHECK(go_on(choice, 0s) == 0);
    choice.seen(1, status("300", true, "5"), 10s);
    choice.seen(0, status("200", true, "6"), 200s);
    choice.seen(1, status("310", true, "5"), 201s);
    CHECK(go_on(choice, 202s) == 0);
  }

  TEST_CASE("one that is ahead only by lies does not lure") {
    auto choice = looked({"200", "200"});
    CHECK(go_on(choice, 0s) == 0);
    choice.seen(1, status("99999", false), 10s);
    choice.seen(0, status("200"), 200s);
    choice.seen(1, status("99999", false), 201s);
    CHECK(go_on(choice, 202s) == 0);
  }

  TEST_CASE("what one told of the future is no lead once it is gone") {
    auto choice = looked({"200", "200"});
    CHECK(go_on(choice, 0s) == 0);
    choice.seen(1, status("99999"), 10s);
    choice.seen(1, status("210"), 150s);
    choice.seen(0, status("205"), 200s);
    choice.seen(1, status("210"), 201s);
    CHECK(go_on(choice, 202s) == 0);
  }

  TEST_CASE("the others are looked at rarely, with some chance, and failing ones ever more rarely") {
    auto choice = looked({"200", "200"});
    CHECK(go_on(choice, 0s) == 0);
    int looks = 0;
    for (int t = 0; t < 86400; ++t) {
      if (choice.probe_due(std::chrono::seconds(t)) != 1) continue;
      ++looks;
      choice.failed(1, Trouble::turned_away, std::chrono::seconds(t));
    }
    CHECK(looks <= 288);
    CHECK(looks >= 200);
  }
}
