#include "delta/diff.hpp"

#include <doctest/doctest.h>

#include "delta/patch.hpp"
#include "unit/delta/levels.hpp"

using namespace recentd;
using namespace recentd::delta;
using delta::test::RandomLevel;

namespace {

constexpr std::size_t k_any = std::size_t{1} << 30;

// The delta, which leads from one to the other.
std::string between(const std::string& before, const std::string& after, const std::string& suffix) {
  const auto delta = make_patch(before, after, separator_of(suffix), k_any);
  REQUIRE(delta);
  const auto made = apply(Content(before), *delta, k_any);
  REQUIRE(made);
  std::string text;
  for (const auto part : made->parts) text += part;
  REQUIRE(text == after);
  return *delta;
}

}  // namespace

TEST_SUITE("delta::diff") {
  TEST_CASE("random versions of a level always come out equal") {
    for (unsigned seed = 0; seed < 5000; ++seed) {
      const bool json = seed % 4 == 0;
      RandomLevel level(seed, seed % 40, json);
      const auto before = level.text();
      if (seed % 3 == 0) level.add(level.below(8));
      if (seed % 5 == 0) level.drop(level.below(10));
      if (seed % 7 == 0) level.cut(level.below(10));
      if (seed % 11 == 0) level.change(level.below(5));
      if (seed % 97 == 0) level.clear();
      const auto after = level.text();
      between(before, after, json ? ".json" : ".yaml");
      between(after, before, json ? ".json" : ".yaml");
    }
  }

  TEST_CASE("so do texts that are no index at all") {
    std::mt19937 random(1);
    const std::string words[] = {"\n  - \n", "},{", "epoch: ", "9", "1.5", "a", "\n", "", "\0x"};
    const auto any = [&] {
      std::string text;
      for (unsigned i = 0, n = random() % 30; i < n; ++i) text += words[random() % std::size(words)];
      return text;
    };
    for (int i = 0; i < 5000; ++i) {
      const auto before = any(), after = i % 3 == 0 ? before + any() : any();
      for (const char* suffix : {".yaml", ".json", ".sto"}) between(before, after, suffix);
    }
  }

  TEST_CASE("a delta has the news, and a few bytes for what went") {
    for (const bool json : {false, true}) {
      RandomLevel level(7, 20000, json);
      const std::string suffix = json ? ".json" : ".yaml";
      auto before = level.text();
      level.add(17);
      auto after = level.text();
      const auto news = after.size() - before.size();
      CHECK(between(before, after, suffix).size() < news + 300);
      before = after;
      level.drop(200);
      CHECK(between(before, level.text(), suffix).size() < 200 * 16 + 300);
      before = level.text();
      level.cut(500);
      CHECK(between(before, level.text(), suffix).size() < 600);
      before = level.text();
      CHECK(between(before, before, suffix).size() < 60);
    }
  }

  TEST_CASE(
      "of 250,000 rows 1,000 new ones and 1,000 that went take less than 0.5 % (a fifth of each here)") {
    RandomLevel level(5, 50'000);
    const auto before = level.text();
    level.add(200);
    level.drop(200);
    const auto after = level.text();
    CHECK(between(before, after, ".yaml").size() * 200 < after.size());
  }

  TEST_CASE("one that would be too large is not made") {
    RandomLevel one(1, 100), other(2, 100);
    CHECK_FALSE(make_patch(one.text(), other.text(), separator_of(".yaml"), 1000));
    CHECK_FALSE(make_patch(one.text(), other.text(), separator_of(".sto"), 1000));
    CHECK_FALSE(make_patch("", other.text(), separator_of(".yaml"), 1000));
  }

  TEST_CASE("who has large files hears how far it is") {
    RandomLevel level(3, 60000);
    const auto before = level.text();
    level.add(5);
    const auto after = level.text();
    REQUIRE(before.size() > std::size_t{4} << 20);
    std::size_t calls = 0, in_old = 0, in_new = 0;
    REQUIRE(make_patch(before, after, separator_of(".yaml"), k_any, [&](std::size_t o, std::size_t n) {
      CHECK(o >= in_old);
      CHECK(n >= in_new);
      in_old = o;
      in_new = n;
      ++calls;
    }));
    CHECK(calls >= 1);
    CHECK(in_old <= before.size());
  }
}
