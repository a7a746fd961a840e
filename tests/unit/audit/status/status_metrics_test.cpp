#include "audit/status/status_metrics.hpp"

#include <set>

#include <doctest/doctest.h>

#include "base/text.hpp"

using namespace recentd;
using namespace recentd::audit;

namespace {

MeasuredTree measured_mirror(std::string name) {
  MeasuredTree tree{std::move(name), {.place = "/srv/pub", .mirror = true}, {Severity::warning, "trouble"}};
  tree.facts.newest = Epoch::parse("1700000000.5");
  tree.facts.status = state::MirrorStatus{.current_s = 1'700'000'010, .up_to_date = true, .held_deletes = 7};
  tree.facts.status->alarm = "max_delete";
  return tree;
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_SUITE("audit::status_metrics") {
  TEST_CASE("a mirror and an origin are told by what is known of each") {
    MeasuredTree origin{"master", {.place = "/srv/m"}, {}};
    const auto text = status_metrics({measured_mirror("pub"), origin}, 1'700'000'020);
    CHECK(
        has(text,
            "# TYPE recentd_tree_health gauge\n"
            "# HELP recentd_tree_health 0 good, 1 warning, 2 critical, 3 unknown, as recentd status --check "
            "says\n"
            "recentd_tree_health{tree=\"pub\",kind=\"mirror\"} 1\n"
            "recentd_tree_health{tree=\"master\",kind=\"origin\"} 0\n"));
    CHECK(has(text, "# UNIT recentd_tree_current_timestamp_seconds seconds\n"));
    CHECK(has(text, "\nrecentd_tree_current_timestamp_seconds{tree=\"pub\",kind=\"mirror\"} 1700000010\n"));
    CHECK(has(text, "\nrecentd_tree_held_deletes{tree=\"pub\",kind=\"mirror\"} 7\n"));
    CHECK(has(text, "\nrecentd_tree_at_work{tree=\"pub\",kind=\"mirror\"} 0\n"));
    CHECK(has(text, "\nrecentd_tree_alarm{tree=\"pub\",kind=\"mirror\",alarm=\"max_delete\"} 1\n"));
    CHECK_FALSE(has(text, "held_deletes{tree=\"master\""));
    CHECK_FALSE(has(text, "answer_timestamp"));
    CHECK(has(text, "\nrecentd_tree_noted_timestamp_seconds{tree=\"master\",kind=\"origin\"} 1700000020\n"));
    CHECK(text.ends_with("\n# EOF\n"));
  }

  TEST_CASE("hostile names are one label on one line") {
    const auto text = status_metrics({measured_mirror("a\"}\n\\b\xFF")}, 0);
    CHECK(has(text, "{tree=\"a\\\"}\\\\x0A\\\\x5Cb\\\\xFF\",kind="));
    for (const auto line : split(text, '\n'))
      CHECK((line.empty() || line.starts_with("# ") || line.starts_with("recentd_tree_")));
  }

  TEST_CASE("no metric is told twice, and none without a type") {
    const auto text = status_metrics({measured_mirror("a"), measured_mirror("b")}, 1);
    std::set<std::string> names;
    for (const auto line : split(text, '\n')) {
      constexpr std::string_view k_type = "# TYPE ";
      if (line.starts_with(k_type))
        CHECK(
            names.emplace(line.substr(k_type.size(), line.find(' ', k_type.size()) - k_type.size())).second);
      if (line.starts_with("recentd")) CHECK(names.contains(std::string(line.substr(0, line.find('{')))));
    }
    CHECK(names.size() > 10);
  }
}
