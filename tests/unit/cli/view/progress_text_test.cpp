#include "cli/view/progress_text.hpp"

#include "unit/cli/cli_test.hpp"

using namespace recentd;
using namespace recentd::cli;
using namespace recentd::test;
using namespace std::chrono_literals;

TEST_SUITE_BEGIN("cli::view_progress_text");

namespace {

Meter::Look look(std::uint64_t done, std::uint64_t total, std::uint64_t bytes = 0, std::uint64_t part = 1) {
  return {.part = part, .phase = "transferring", .done = done, .total = total, .bytes = bytes};
}

}  // namespace

TEST_CASE("rates are those of the last ten seconds, and tell how long it takes still") {
  ProgressRates rates;
  CHECK_FALSE(rates.note({}, 0s));
  const auto first = rates.note(look(0, 1000), 100s);
  REQUIRE(first);
  CHECK(first->per_s == 0);
  CHECK_FALSE(first->left);
  const auto second = rates.note(look(100, 1000, 5000), 101s);
  CHECK(second->per_s == 100);
  CHECK(second->bytes_per_s == 5000);
  CHECK(second->left == 9s);
  for (int i = 2; i <= 20; ++i) (void)rates.note(look(100, 1000, 5000), 100s + std::chrono::seconds(i));
  const auto stuck = rates.note(look(100, 1000, 5000), 121s);
  CHECK(stuck->per_s == 0);
  CHECK_FALSE(stuck->left);
}

TEST_CASE("another part of the work begins anew") {
  ProgressRates rates;
  (void)rates.note(look(500, 1000, 0, 1), 1s);
  const auto other = rates.note(look(10, 20, 0, 2), 2s);
  CHECK(other->per_s == 0);
  CHECK(rates.note(look(15, 20, 0, 2), 3s)->per_s == 5);
}

TEST_CASE("a line has what is known, and fits") {
  ProgressFigures figures{"transferring", 1234, 20000, 12'345'678, 950, 3'100'000, 20s};
  CHECK(progress_line(figures, 100) == "transferring: 1,234 of 20,000, 12 MB, 950/s, 3.1 MB/s, 20 s left");
  CHECK(progress_line(figures, 20) == "transferring: 1,234 ");
  CHECK(progress_line({"reading the tree", 42}, 80) == "reading the tree: 42");
  CHECK(progress_line({"asking the upstream"}, 80) == "asking the upstream");
}

TEST_CASE("an object has the same figures for programs") {
  CHECK(progress_json({"transferring", 5, 10, 70, 2, 30, 3s}) ==
        R"({"phase": "transferring", "done": 5, "total": 10, "bytes": 70, "per_s": 2, "bytes_per_s": 30, )"
        R"("left_s": 3})");
  CHECK(progress_json({"reading"}) ==
        R"({"phase": "reading", "done": 0, "bytes": 0, "per_s": 0, "bytes_per_s": 0})");
}

TEST_SUITE_END();
