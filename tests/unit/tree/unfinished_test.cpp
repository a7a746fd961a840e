#include "tree/unfinished.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>

#include "sys/fd.hpp"
#include "unit/sys/temp_dir.hpp"

using namespace recentd;
using namespace recentd::sys;
using namespace recentd::sys::test;

namespace {

constexpr std::int64_t k_minute_ns = 60'000'000'000;

}  // namespace

TEST_SUITE("tree::unfinished") {
  TEST_CASE("a file rests an hour from its last writing, and one from the far future tells nothing") {
    FileFacts facts;
    facts.mtime_s = 1000 * 60;
    facts.mtime_ns = 5;
    const auto rest = [&](std::int64_t minute) { return time_to_rest(facts, minute * k_minute_ns + 5); };
    CHECK(rest(1000) == std::chrono::minutes(60));
    CHECK(rest(1059) == std::chrono::minutes(1));
    CHECK(rest(941) == std::chrono::minutes(119));
    for (const int minute : {0, 940, 1060, 5000}) CHECK_FALSE(rest(minute));
    for (const auto far : {INT64_MIN, INT64_MAX}) {
      facts.mtime_s = far;
      CHECK_FALSE(rest(1000));
    }
  }

  TEST_CASE("an old file is unfinished as long as somebody writes it, a link never") {
    const TempDir temp;
    const Dir root(temp.path());
    const auto name = *RelPath::parse(".x.aBc123", Bookkeeping());
    {
      const Fd writer(::open(temp.path(".x.aBc123").c_str(), O_CREAT | O_WRONLY, 0644));
      auto facts = *root.lstat(name);
      const auto at = facts.mtime_s * 1'000'000'000;
      CHECK(is_unfinished(root, name, facts, at));
      CHECK(is_unfinished(root, name, facts, at + 61 * k_minute_ns));
    }
    auto facts = *root.lstat(name);
    const auto at = facts.mtime_s * 1'000'000'000;
    CHECK_FALSE(is_unfinished(root, name, facts, at + 61 * k_minute_ns));
    facts.type = FileType::symlink;
    CHECK_FALSE(is_unfinished(root, name, facts, at));
  }
}
