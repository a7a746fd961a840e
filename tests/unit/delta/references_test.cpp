#include "delta/references.hpp"

#include <algorithm>

#include <doctest/doctest.h>

#include "delta/diff.hpp"
#include "delta/patch.hpp"
#include "unit/delta/levels.hpp"

using namespace recentd;
using namespace recentd::delta;
using delta::test::RandomLevel;

namespace {

std::string text_of(const std::optional<Content>& content) {
  if (!content) return "(none)";
  std::string text;
  for (const auto part : content->parts) text += part;
  return text;
}

// A smaller level, and a larger one before and after that was merged into it.
struct Merge {
  explicit Merge(unsigned seed, bool json = false)
      : separator(separator_of(json ? ".json" : ".yaml")), level(seed, 200, json) {
    before = level.text();
    level.add(1 + level.below(30));
    level.drop(level.below(5));
    level.cut(level.below(5));
    after = level.text();
    auto rest = level;
    rest.cut(150);  // the smaller one has the newest events alone
    smaller = rest.text();
  }
  [[nodiscard]] std::string patch() const { return make_patch(before, after, separator, 1 << 20).value(); }
  [[nodiscard]] Smaller beside() const { return {smaller, separator}; }

  std::string_view separator;
  RandomLevel level;
  std::string before, after, smaller;
};

}  // namespace

TEST_SUITE("delta::references") {
  TEST_CASE("what was merged is told in a line, and made of the smaller level") {
    for (unsigned seed = 0; seed < 300; ++seed) {
      const Merge merge(seed, seed % 3 == 0);
      const auto patch = merge.patch();
      const auto referring = with_references(patch, merge.beside());
      REQUIRE(referring);
      CHECK(referring->size() < patch.size());
      CHECK(referring->find('*') != std::string::npos);
      const Content old(merge.before);
      CHECK(text_of(apply(old, *referring, 1000, merge.beside())) == merge.after);
      CHECK(text_of(apply(old, patch, 1000)) == merge.after);
      CHECK(text_of(apply(old, *referring, 1000)) == "(none)");
    }
  }

  TEST_CASE("thirty events in a row are one reference") {
    RandomLevel level(1, 200);
    const auto before = level.text();
    level.add(30);
    const auto after = level.text();
    const Smaller smaller{after, separator_of(".yaml")};
    const auto referring =
        with_references(make_patch(before, after, smaller.separator, 1 << 20).value(), smaller);
    REQUIRE(referring);
    CHECK(std::count(referring->begin(), referring->end(), '*') == 1);
    CHECK(referring->size() < 400);
    CHECK(text_of(apply(Content(before), *referring, 1000, smaller)) == after);
  }

  TEST_CASE("a smaller level that lost some of it meanwhile makes nothing, or something else") {
    const Merge merge(7);
    const auto referring = with_references(merge.patch(), merge.beside()).value();
    auto later = merge.level;
    later.cut(195);
    later.drop(3);
    const auto text = later.text();
    CHECK(text_of(apply(Content(merge.before), referring, 1000, {text, merge.separator})) != merge.after);
  }

  TEST_CASE("where nothing of it is in the smaller level there are no references") {
    const Merge merge(3);
    const auto other = RandomLevel(4, 100).text();
    CHECK_FALSE(with_references(merge.patch(), {other, merge.separator}));
    CHECK_FALSE(with_references(merge.patch(), {}));
    CHECK_FALSE(with_references(merge.patch(), {merge.smaller, ""}));
    CHECK_FALSE(with_references("", merge.beside()));
  }
}
