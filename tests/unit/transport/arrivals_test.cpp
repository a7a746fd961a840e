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

constexpr Claim k_claim{.name = 0, .size_bytes = 5};

}  // namespace

TEST_SUITE("transport::arrivals") {
  TEST_CASE("what is said to be unchanged is here, with the size that was told") {
    CHECK(refutation(k_claim, Outcome::unchanged, file_of(5, 100), {}).empty());
    CHECK(refutation(k_claim, Outcome::unchanged, file_of(5, 100), file_of(5, 100)).empty());
    CHECK(refutation(k_claim, Outcome::unchanged, file_of(4, 100), {}).find("has 4") != std::string::npos);
    CHECK(refutation(k_claim, Outcome::unchanged, {}, {}).find("not here") != std::string::npos);
    CHECK(refutation({.name = 0, .kind = Claim::Kind::other}, Outcome::unchanged, {}, {}).empty());
  }

  TEST_CASE("nothing, or another kind of thing, is not what was written") {
    CHECK(refutation(k_claim, Outcome::transferred, {}, {}).find("not here") != std::string::npos);
    auto link = file_of(5, 100);
    link.type = sys::FileType::symlink;
    CHECK(refutation(k_claim, Outcome::transferred, link, {}).find("something else") != std::string::npos);
    CHECK(refutation({.name = 0, .kind = Claim::Kind::link, .size_bytes = 9}, Outcome::transferred, link, {})
              .empty());
  }

  TEST_CASE("what was written has replaced what was there; it may have changed at the source on the way") {
    CHECK(refutation(k_claim, Outcome::transferred, file_of(5, 100, 1), file_of(5, 100, 1))
              .find("here before") != std::string::npos);
    CHECK(refutation(k_claim, Outcome::transferred, file_of(5, 100, 2), file_of(5, 100, 1)).empty());
    CHECK(refutation(k_claim, Outcome::transferred, file_of(7, 100, 2), file_of(5, 100, 1)).empty());
    CHECK(refutation(k_claim, Outcome::transferred, file_of(7, 100), {}).empty());
  }

  TEST_CASE("what is claimed and not there has failed, or was not tried where the connection broke") {
    const TempTree target("arrivals");
    target.write("here", "12345");
    const std::vector<std::string> names = {"here", "d/gone"};
    const std::vector<Claim> claims = {{.name = 0, .size_bytes = 5}, {.name = 1, .size_bytes = 5}};
    FetchResult result;
    result.outcomes = {Outcome::unchanged, Outcome::transferred};
    result.messages = {"", ""};
    const Arrivals arrivals(names, target.path());
    auto broken = result;
    arrivals.check(claims, "mkstemp failed", result);
    CHECK(result.outcomes == std::vector{Outcome::unchanged, Outcome::failed});
    CHECK(result.messages[1].find("mkstemp failed") != std::string::npos);
    broken.problem = Problem{Problem::Nature::unreachable, "broken"};
    arrivals.check(claims, "", broken);
    CHECK(broken.outcomes == std::vector{Outcome::unchanged, Outcome::not_tried});
  }

  TEST_CASE("a file that was not replaced has not arrived") {
    const TempTree target("arrivals");
    target.write("a", "12345");
    const std::vector<std::string> names = {"a"};
    const Arrivals arrivals(names, target.path());
    FetchResult result;
    result.outcomes = {Outcome::transferred};
    result.messages = {""};
    arrivals.check({{.name = 0, .size_bytes = 5}}, "", result);
    CHECK(result.outcomes[0] == Outcome::failed);
  }
}
