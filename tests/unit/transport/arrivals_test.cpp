#include "transport/arrivals.hpp"

#include <doctest/doctest.h>

#include "support/tools/temp_tree.hpp"

using namespace recentd;
using namespace recentd::transport;
using recentd::test::TempTree;

namespace {

sys::FileFacts file_of(std::uint64_t size, std::int64_t mtime, std::uint64_t inode = 1) {
  sys::FileFacts facts;
  facts.type = sys::FileType::regular;
  facts.size_bytes = size;
  facts.mtime_s = mtime;
  facts.inode = inode;
  return facts;
}

constexpr Claim k_claim{.name = 0, .size_bytes = 5, .mtime_s = 100};

}  // namespace

TEST_SUITE("transport::arrivals") {
  TEST_CASE("a claim is right where a file of its size and time lies") {
    CHECK(refutation(k_claim, file_of(5, 100), {}).empty());
    CHECK(refutation(k_claim, file_of(5, 101), {}).empty());  // a file system that keeps even seconds
    CHECK(refutation(Claim{.name = 0}, file_of(7, 9), {}).empty());
    CHECK(refutation({.name = 0, .kind = Claim::Kind::other, .size_bytes = 1}, {}, {}).empty());
  }

  TEST_CASE("nothing, another kind, another size or time refute it") {
    CHECK(refutation(k_claim, {}, {}).find("not here") != std::string::npos);
    CHECK(refutation(k_claim, file_of(4, 100), {}).find("has 4 here") != std::string::npos);
    CHECK(refutation(k_claim, file_of(5, 50), {}).find("another time") != std::string::npos);
    auto link = file_of(5, 100);
    link.type = sys::FileType::symlink;
    CHECK(refutation(k_claim, link, {}).find("something else") != std::string::npos);
    CHECK(refutation({.name = 0, .kind = Claim::Kind::link, .size_bytes = 9}, link, {}).empty());
  }

  TEST_CASE("what had to be written anew is another file than before") {
    CHECK(refutation(k_claim, file_of(5, 100, 1), file_of(5, 100, 1)).find("here before") !=
          std::string::npos);
    CHECK(refutation(k_claim, file_of(5, 100, 2), file_of(5, 100, 1)).empty());
  }

  TEST_CASE("rsync's times are read where they are times") {
    CHECK(parse_time("1970/01/01-00:00:00") == 0);
    CHECK(parse_time("2026/11/30-03:21:51") == 1796008911);
    CHECK(parse_time("1969/12/31-23:59:59") == -1);
    for (const char* no : {"", "2026/11/30-03:21", "2026-11-30-03:21:51", "2026/13/30-03:21:51",
                           "2026/11/30-24:21:51", "2026/11/3x-03:21:51", "2026/02/30-03:21:51"})
      CHECK_FALSE(parse_time(no));
  }

  TEST_CASE("what is claimed and not there has failed, or was not tried where the connection broke") {
    const TempTree target("arrivals");
    target.write("here", "12345");
    const std::vector<std::string> names = {"here", "d/gone"};
    const std::vector<Claim> claims = {{.name = 0, .size_bytes = 5}, {.name = 1, .size_bytes = 5}};
    FetchResult result;
    result.outcomes = {Outcome::unchanged, Outcome::transferred};
    result.messages = {"", ""};
    const Arrivals arrivals(names, target.path(), false);
    auto broken = result;
    arrivals.check(claims, "mkstemp failed", result);
    CHECK(result.outcomes == std::vector{Outcome::unchanged, Outcome::failed});
    CHECK(result.messages[1].find("mkstemp failed") != std::string::npos);
    broken.problem = Problem{Problem::Nature::unreachable, "broken"};
    arrivals.check(claims, "", broken);
    CHECK(broken.outcomes == std::vector{Outcome::unchanged, Outcome::not_tried});
  }

  TEST_CASE("in a transfer that compares content, a file that was not replaced has not arrived") {
    const TempTree target("arrivals");
    target.write("a", "12345");
    const std::vector<std::string> names = {"a"};
    const Arrivals arrivals(names, target.path(), true);
    FetchResult result;
    result.outcomes = {Outcome::transferred};
    result.messages = {""};
    arrivals.check({{.name = 0, .size_bytes = 5}}, "", result);
    CHECK(result.outcomes[0] == Outcome::failed);
  }
}
