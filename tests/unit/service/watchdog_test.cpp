#include "service/watchdog.hpp"

#include <doctest/doctest.h>

using namespace recentd::service;
using namespace std::chrono_literals;

namespace {

struct Asked {
  bool due;
  std::vector<std::string> stuck;
};

Asked ask(Watchdog& dog, Watchdog::Time now, const std::vector<Watchdog::Sign>& signs) {
  Asked asked{};
  asked.due = dog.due(now, signs, asked.stuck);
  return asked;
}

}  // namespace

TEST_SUITE("service::watchdog") {
  TEST_CASE("the word is given at half of the period, not more often") {
    Watchdog dog(60s);
    CHECK(ask(dog, 100s, {{"a", 99s}}).due);
    CHECK(dog.wait(100s) == 30s);
    CHECK_FALSE(ask(dog, 129s, {{"a", 129s}}).due);
    CHECK(dog.wait(129s) == 1s);
    CHECK(ask(dog, 130s, {{"a", 129s}}).due);
    CHECK(ask(dog, 500s, {{"a", 499s}}).due);
  }

  TEST_CASE("a tree without a sign of life for the whole period keeps the word back, and is named once") {
    Watchdog dog(60s);
    CHECK(ask(dog, 100s, {{"a", 40s}, {"b", 99s}}).due);
    const auto stuck = ask(dog, 130s, {{"a", 40s}, {"b", 129s}});
    CHECK_FALSE(stuck.due);
    CHECK(stuck.stuck == std::vector<std::string>{"a"});
    const auto still = ask(dog, 160s, {{"a", 40s}, {"b", 159s}});
    CHECK_FALSE(still.due);
    CHECK(still.stuck.empty());
    CHECK(ask(dog, 190s, {{"a", 189s}, {"b", 189s}}).due);
    CHECK(ask(dog, 300s, {{"a", 189s}}).stuck == std::vector<std::string>{"a"});
  }

  TEST_CASE("a short period does not ask for more life than a waiting tree shows") {
    Watchdog dog(1s);
    CHECK(ask(dog, 100s, {{"a", 90s}}).due);
    CHECK_FALSE(ask(dog, 110s, {{"a", 90s}}).due);
  }

  TEST_CASE("a service without trees is alive") {
    Watchdog dog(60s);
    CHECK(ask(dog, 0s, {}).due);
  }
}
