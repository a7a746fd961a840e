#include "audit/status/status_judge.hpp"

#include <doctest/doctest.h>

using namespace recentd;
using namespace recentd::audit;

namespace {

constexpr std::int64_t k_now = 1'700'000'000;

// A mirror that was up to date four seconds ago.
StatusFacts good() {
  StatusFacts facts{.place = "/srv/pub", .mirror = true};
  facts.newest = Epoch::parse(std::to_string(k_now - 7200) + ".5");
  facts.status = state::MirrorStatus{.source = "rsync://host/pub",
                                     .follows = true,
                                     .begun_s = k_now - 90'000,
                                     .noted_s = k_now - 4,
                                     .answered_s = k_now - 4,
                                     .news_s = k_now - 7190,
                                     .current_s = k_now - 4,
                                     .next_s = k_now + 16,
                                     .up_to_date = true};
  facts.process = 123;
  return facts;
}

Health judged(const StatusFacts& facts, StatusLimits limits = {}) {
  return judge(facts, limits, k_now);
}

std::string told(const StatusFacts& facts) {
  std::string all;
  for (const auto& line : status_lines(facts, {}, k_now)) all += line + "\n";
  return all;
}

}  // namespace

TEST_SUITE("audit::status_judge") {
  TEST_CASE("a mirror that follows well is told in four lines") {
    CHECK(judged(good()).severity == Severity::ok);
    CHECK(told(good()) ==
          "/srv/pub: up to date 4 s ago\n"
          "  mirror of rsync://host/pub, last answer 4 s ago, last news 1 h 59 min ago\n"
          "  process 123 follows it, since 1 d 1 h ago, next poll in 16 s\n"
          "  newest event 2 h ago\n");
    CHECK(lag_s(good(), k_now) == 4);
    CHECK(age_s(good(), k_now) == 7200);
  }

  TEST_CASE("what is wrong is told first, by its worst") {
    auto facts = good();
    facts.status->known_missing = 3;
    CHECK(judged(facts).severity == Severity::ok);
    CHECK(told(facts).find("  3 paths cannot be had and count as done;") != std::string::npos);
    facts.status->trouble = "rsync://host/pub: connection refused";
    facts.status->trouble_since_s = k_now - 60;
    facts.status->failures = 4;
    CHECK(judged(facts).severity == Severity::warning);
    CHECK(judged(facts).text == "trouble for 1 min: rsync://host/pub: connection refused");
    CHECK(
        told(facts).find("  failed 4 times since 2023-11-14T22:12:20Z (1 min ago): rsync://host/pub: conn") !=
        std::string::npos);
    facts.status->held_deletes = 120;
    facts.status->held_of = 500;
    CHECK(judged(facts).text == "120 deletes of 500 files held back");
    CHECK(told(facts).find("`recentd status --held /srv/pub` lists them") != std::string::npos);
    facts.status->current_s = k_now - 901;
    CHECK(judged(facts).severity == Severity::critical);
    CHECK(judged(facts).text == "not up to date for 15 min: rsync://host/pub: connection refused");
    facts.status->alarm = "rollback";
    CHECK(judged(facts).text ==
          "the upstream fell behind what it had shown before: rsync://host/pub: connection refused");
  }

  TEST_CASE("lag has a limit, and so has age where it is given") {
    auto facts = good();
    CHECK(judged(facts, {.max_lag = std::chrono::seconds(4)}).severity == Severity::ok);
    CHECK(judged(facts, {.max_lag = std::chrono::seconds(3)}).severity == Severity::critical);
    CHECK(judged(facts, {.max_age = std::chrono::seconds(7200)}).severity == Severity::ok);
    CHECK(judged(facts, {.max_age = std::chrono::seconds(7199)}).text == "the newest event is 2 h old");
    facts.mirror = false;
    facts.status.reset();
    CHECK(judged(facts, {.max_age = std::chrono::seconds(7199)}).severity == Severity::critical);
    CHECK(judged(facts).severity == Severity::ok);
  }

  TEST_CASE("a first copy is under way, or was broken off") {
    auto facts = good();
    facts.newest.reset();
    facts.status->current_s = 0;
    facts.status->up_to_date = false;
    facts.status->working_s = k_now - 10;
    facts.status->noted_s = k_now;
    facts.status->settled = 5000;
    facts.status->level = "1h";
    CHECK(judged(facts).severity == Severity::warning);
    CHECK(told(facts).find("  at work on 1h for 10 s: 5000 files so far, 500 a second\n") !=
          std::string::npos);
    facts.process.reset();
    CHECK(judged(facts).text == "the first copy is not complete");
    CHECK(judged(facts).severity == Severity::critical);
    CHECK(told(facts).find("no process follows it any more; the last one noted this 0 s ago") !=
          std::string::npos);
    facts.status.reset();
    CHECK(judged(facts).severity == Severity::unknown);
  }

  TEST_CASE("an origin tells when it was written and aggregated") {
    StatusFacts facts{.place = "/srv/origin"};
    facts.newest = Epoch::parse(std::to_string(k_now - 3));
    facts.aggregated_s = k_now - 40;
    CHECK(told(facts) == "/srv/origin: an origin\n  newest event 3 s ago, last aggregated 40 s ago\n");
    facts.trouble = "/srv/origin is not there";
    CHECK(judged(facts).severity == Severity::unknown);
    CHECK(told(facts).starts_with("/srv/origin: /srv/origin is not there\n"));
  }

  TEST_CASE("a clock that was set back makes nothing negative") {
    auto facts = good();
    facts.status->current_s = facts.status->answered_s = k_now + 500;
    facts.newest = Epoch::parse(std::to_string(k_now + 500));
    CHECK(lag_s(facts, k_now) == 0);
    CHECK(age_s(facts, k_now) == 0);
    CHECK(judged(facts).text == "up to date 0 s ago");
  }
}
