#include "watch/sub_mounts.hpp"

#include <doctest/doctest.h>

using namespace recentd;
using namespace recentd::watch;
using Names = std::set<std::string>;

TEST_SUITE("watch::sub_mounts") {
  TEST_CASE("one that was there before and is not mounted at the start is away, once, until it is back") {
    SubMounts mounts;
    mounts.expect({{{"data", {45, 0}}, {"gone", {46, 0}}}, {"gone"}});
    CHECK(mounts.all() == Names{"data"});
    CHECK(mounts.judge("data", std::nullopt, 1000) == SubMounts::Change::went);
    CHECK(mounts.judge("data", std::nullopt, 2000) == SubMounts::Change::none);
    CHECK(mounts.absent() == Names{"data"});
    CHECK(mounts.kept().by_path.at("data") == KeptMount{45, 1000});
    // Devices are numbered anew at each boot.
    CHECK(mounts.judge("data", 99, 3000) == SubMounts::Change::came);
    CHECK(mounts.judge("data", 99, 3000) == SubMounts::Change::none);
    CHECK(mounts.absent().empty());
    CHECK(mounts.kept().by_path.at("data") == KeptMount{99, 0});
  }

  TEST_CASE("since when it is away outlives a watcher") {
    SubMounts mounts;
    mounts.expect({{{"data", {45, 500}}}, {}});
    CHECK(mounts.judge("data", std::nullopt, 1000) == SubMounts::Change::went);
    CHECK(mounts.at("data").absent_since_s == 500);
    SubMounts next;
    next.expect(mounts.kept());
    CHECK(next.judge("data", 45, 2000) == SubMounts::Change::came);
  }

  TEST_CASE("only one that is away can be given up") {
    SubMounts mounts;
    CHECK(mounts.add("data", 45));
    CHECK_FALSE(mounts.add("data", 45));
    CHECK_FALSE(mounts.accept("data"));
    mounts.judge("data", std::nullopt, 1000);
    CHECK(mounts.accept("data"));
    CHECK(mounts.all().empty());
    CHECK(mounts.kept() == KeptMounts());
  }
}
