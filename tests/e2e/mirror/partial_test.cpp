// Mirrors that leave something out: what they hold, what their index says, and mirrors of them.

#include <algorithm>
#include <set>

#include <doctest/doctest.h>

#include <recentd/reading.hpp>

#include "support/upstream.hpp"

using namespace recentd::test;

namespace {

using Words = std::vector<std::string>;

// The paths that the newest events of a tree's index call present.
Words named(const std::string& root) {
  Words paths;
  std::set<std::string> seen;
  for (const auto& event : recentd::news(root))
    if (seen.insert(event.path).second && event.type == recentd::EventType::new_) paths.push_back(event.path);
  std::sort(paths.begin(), paths.end());
  return paths;
}

// What lies in a tree, without its index.
Words held(const Upstream& upstream, const std::string& target) {
  Words names;
  for (const auto& name : upstream.place().list(target))
    if (!name.ends_with('/') && !name.starts_with("RECENT") && !name.starts_with(".recentd"))
      names.push_back(name);
  return names;
}

std::string dirtymark(const Upstream& upstream, const std::string& target) {
  const auto text = upstream.place().read(target + "/RECENT-1h.yaml").value_or("");
  const auto at = text.find("dirtymark: ");
  return at == std::string::npos ? "" : text.substr(at, text.find('\n', at) - at);
}

void make_origin(Upstream& upstream) {
  for (const auto* name : {"docs/a", "docs/deep/b", "src/c", "src/d.iso", "top"}) upstream.put(name, "small");
  upstream.init();
}

}  // namespace

TEST_SUITE("e2e::partial") {
  TEST_CASE("--filter mirrors a part, its index lists only that, and a mirror of it is equal to it") {
    Upstream upstream(std::vector<RsyncModule>{{"part", "m"}});
    make_origin(upstream);
    const Words options = {"--filter", "+ /docs/***", "--filter", "- *"};
    for (int round = 0; round < 3; ++round) {
      CHECK(upstream.mirror("m", options).exit_code == 0);
      CHECK(held(upstream, "m") == named(upstream.path("m")));
      CHECK(held(upstream, "m").size() == 2 + static_cast<std::size_t>(round));
      const auto second = run_recentd({"mirror", upstream.server().url("part"), upstream.path("m2")});
      CHECK(second.exit_code == 0);
      CHECK(but_for_first_copy(second.err) == "");
      CHECK(difference(upstream.path("m"), upstream.path("m2")) == "");
      upstream.put("docs/new" + std::to_string(round), "x");
      upstream.put("other" + std::to_string(round), "x");
      upstream.announce();
      if (round == 1) upstream.aggregate();
    }
    CHECK(upstream.place().read("m/RECENT-1h.yaml")->find("other") == std::string::npos);
  }

  TEST_CASE("another filter brings what is wanted now, under a new dirtymark, and --prune takes the rest") {
    Upstream upstream;
    make_origin(upstream);
    REQUIRE(upstream.mirror("m", {"--filter", "- /src/"}).exit_code == 0);
    const auto first = dirtymark(upstream, "m");
    CHECK(first != dirtymark(upstream, "origin"));
    CHECK(held(upstream, "m") == Words{"docs/a", "docs/deep/b", "top"});
    REQUIRE(upstream.mirror("m", {"--filter", "- /src/"}).exit_code == 0);
    CHECK(dirtymark(upstream, "m") == first);
    REQUIRE(upstream.mirror("m", {"--filter", "- *.iso", "--filter", "- top", "--prune"}).exit_code == 0);
    CHECK(held(upstream, "m") == Words{"docs/a", "docs/deep/b", "src/c"});
    CHECK(named(upstream.path("m")) == held(upstream, "m"));
    CHECK(dirtymark(upstream, "m") != first);
    REQUIRE(upstream.mirror("m").exit_code == 0);
    CHECK(upstream.difference("m") == "");
    CHECK(dirtymark(upstream, "m") == dirtymark(upstream, "origin"));
  }

  TEST_CASE("a new dirtymark of the upstream renews the partial mirror's own") {
    Upstream upstream;
    make_origin(upstream);
    REQUIRE(upstream.mirror("m", {"--filter", "- *.iso"}).exit_code == 0);
    const auto before = dirtymark(upstream, "m");
    REQUIRE(run_recentd({"update", upstream.root(), "--new", "top", "--epoch", "1600000000"}).exit_code == 0);
    REQUIRE(upstream.mirror("m", {"--filter", "- *.iso"}).exit_code == 0);
    CHECK(dirtymark(upstream, "m") != before);
    CHECK(named(upstream.path("m")) == held(upstream, "m"));
  }

  TEST_CASE("--max-file-size leaves larger files out, also one that grew") {
    Upstream upstream;
    make_origin(upstream);
    upstream.put("big", std::string(5000, 'x'));
    upstream.announce();
    const Words options = {"--max-file-size", "4K"};
    CHECK(upstream.mirror("m", options).exit_code == 0);
    CHECK_FALSE(upstream.place().exists("m/big"));
    CHECK(named(upstream.path("m")) == held(upstream, "m"));
    upstream.put("top", std::string(5000, 'y'));
    upstream.put("big", "small again");
    upstream.announce();
    CHECK(upstream.mirror("m", options).exit_code == 0);
    CHECK_FALSE(upstream.place().exists("m/top"));
    CHECK(upstream.place().read("m/big") == "small again");
    CHECK(named(upstream.path("m")) == held(upstream, "m"));
  }

  TEST_CASE("--skip-deletes does not tell downstream to delete what it keeps") {
    Upstream upstream;
    make_origin(upstream);
    REQUIRE(upstream.mirror("m", {"--skip-deletes"}).exit_code == 0);
    upstream.remove("top");
    upstream.announce();
    REQUIRE(upstream.mirror("m", {"--skip-deletes"}).exit_code == 0);
    CHECK(upstream.place().exists("m/top"));
    CHECK(upstream.place().read("m/RECENT-1h.yaml")->find("type: delete") == std::string::npos);
  }
}
