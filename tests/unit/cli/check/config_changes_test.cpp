#include "cli/check/config_changes.hpp"

#include <algorithm>

#include "unit/cli/cli_test.hpp"

using namespace recentd;
using namespace recentd::cli;
using namespace recentd::test;

namespace {

std::vector<std::string> changes(const std::string& more, bool is_mirror = true) {
  const auto config =
      settings::parse_config("mirrors:\n  pub:\n    source: a::m\n    target: /srv/pub\n" + more);
  for (const auto& problem : config.problems) FAIL_CHECK(problem.text);
  return changed_meanings(config, [&](const std::string& target) {
    CHECK(target == "/srv/pub");
    return is_mirror;
  });
}

}  // namespace

TEST_SUITE("cli::config_changes") {
  TEST_CASE("what means the same is not told") {
    CHECK(changes("").empty());
    CHECK(changes("    create: true\n", false).empty());
    for (const char* limit : {"5%", "1000,10%", "none"})
      CHECK_MESSAGE(changes("    max_delete: " + std::string(limit) + "\n").empty(), limit);
  }

  TEST_CASE("a first copy needs a word now, and a number of deletes is no more half of a tree") {
    const auto first = changes("", false);
    REQUIRE(first.size() == 1);
    CHECK(first[0].starts_with("tree 'pub' (line 2): no mirror has worked in its target"));
    CHECK(contains(first[0], "`create: true`"));
    const auto number = changes("    max_delete: 5000\n");
    REQUIRE(number.size() == 1);
    CHECK(contains(number[0], "max_delete"));
  }

  TEST_CASE("new keys come with what they do, once each") {
    const auto keys = new_keys();
    const auto has = [&](const std::string& key) {
      return std::ranges::count_if(keys, [&](const std::string& one) { return one.starts_with(key + ": "); });
    };
    CHECK(has("create") == 1);
    CHECK(has("max_age") == 1);
    CHECK(has("publish_http") == 1);
    CHECK(has("ttl") == 0);
    CHECK(has("source") == 0);
  }

  TEST_CASE("the command takes the default file or the one that is named, and no other action") {
    const TempTree place;
    const auto file =
        place.write("recentd.yaml", "mirrors: {pub: {source: 'a::m', target: /no/such/place}}\n");
    const auto told = run_recentd({"config", "migrate", "-c", file});
    CHECK(told.exit_code == 0);
    CHECK(told.out.starts_with(file + " is taken as it stands"));
    CHECK(contains(told.out, "\n  tree 'pub' (line 1): no mirror has worked"));
    CHECK(contains(run_recentd({"config", "migarte", "-c", file}).err, "(did you mean 'migrate'?)"));
    place.write("recentd.yaml", "mirrors: {pub: {sorce: 'a::m', target: /srv/x}}\n");
    CHECK(run_recentd({"config", "migrate", "-c", file}).exit_code == 2);
  }
}
