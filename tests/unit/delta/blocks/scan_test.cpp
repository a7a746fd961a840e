#include "delta/blocks/scan.hpp"

#include <cstdlib>

#include <doctest/doctest.h>

#include "delta/blocks/weak_sum.hpp"
#include "unit/delta/blocks/blocks.hpp"

using namespace recentd;
using namespace recentd::blocks;
using blocks::test::assembled;
using blocks::test::RandomPair;
using blocks::test::signature_text;
using transport::ByteRange;

namespace {

Plan plan_of(const std::string& old, const std::string& wanted, std::size_t block = 128) {
  const auto text = signature_text(wanted, block);
  const auto signature = parse_signature(text);
  REQUIRE(signature);
  const auto plan = plan_blocks(*signature, *sys::bytes_from(old));
  REQUIRE(plan);
  return *plan;
}

std::string noise(std::size_t bytes, unsigned seed = 1) {
  std::mt19937 random(seed);
  std::string text(bytes, '\0');
  for (auto& c : text) c = static_cast<char>(random());
  return text;
}

// That all of it is copied or missing, once.
void check_whole(const Plan& plan, std::uint64_t bytes) {
  std::uint64_t sum = plan.missing_bytes, missing = 0;
  for (const auto& copy : plan.copies) sum += copy.bytes;
  for (const auto& range : plan.missing) missing += range.bytes;
  CHECK(sum == bytes);
  CHECK(missing == plan.missing_bytes);
}

}  // namespace

TEST_SUITE("delta::blocks::scan") {
  TEST_CASE("the weak sum of a stretch is that of the one before and one step") {
    const auto text = noise(1000);
    const WeakSum weak(100);
    auto sum = WeakSum::of(text.substr(0, 100));
    for (std::size_t at = 0; at + 100 < text.size(); ++at) {
      CHECK(sum == WeakSum::of(text.substr(at, 100)));
      sum = weak.next(sum, text[at], text[at + 100]);
    }
  }

  TEST_CASE("random pairs are always equal, and what is the same is not fetched") {
    const unsigned pairs = std::getenv("RECENTD_LONG") != nullptr ? 10'000 : 400;
    for (unsigned seed = 0; seed < pairs; ++seed) {
      CAPTURE(seed);
      RandomPair pair(seed);
      const auto plan = plan_of(pair.old_version(), pair.new_version());
      const std::uint64_t gap = 1 + pair.below(300);
      REQUIRE(assembled(plan, pair.old_version(), pair.new_version(), gap, 1 + pair.below(8)) ==
              pair.new_version());
      check_whole(plan, pair.new_version().size());
      if (pair.old_version() == pair.new_version()) CHECK(plan.missing.empty());
    }
  }

  TEST_CASE("of a file that changed in some places only these blocks are missing") {
    const auto old = noise(128 * 1000 + 60);
    auto wanted = old;
    for (const std::size_t block : {3U, 500U, 501U, 999U}) wanted[block * 128 + 5] ^= 1;
    const auto plan = plan_of(old, wanted);
    CHECK(plan.missing == std::vector<ByteRange>{{3 * 128, 128}, {500 * 128, 256}, {999 * 128, 128}});
    CHECK(plan.copies.size() == 4);
  }

  TEST_CASE("one byte more in front costs one block, and so does one at the end") {
    const auto old = noise(128 * 100);
    CHECK(plan_of(old, "x" + old).missing_bytes <= 2 * 128);
    CHECK(plan_of(old, old + "x").missing == std::vector<ByteRange>{{12800, 1}});
    CHECK(plan_of(old, old.substr(1)).missing_bytes <= 128);
  }

  TEST_CASE("a block that is repeated is found for all its places") {
    const auto one = noise(128, 2), other = noise(128, 3);
    std::string wanted;
    for (int i = 0; i < 200; ++i) wanted += i % 2 == 0 ? one : other;
    const auto plan = plan_of("something before " + one, wanted);
    CHECK(plan.missing_bytes == 100 * 128);
    CHECK(plan.copies.size() == 100);
    CHECK(plan_of(std::string(1000, '\0'), std::string(100'000, '\0')).missing_bytes < 128);
  }

  TEST_CASE("the last block is shorter, and found where it lay, where it lies, and behind the one before") {
    const auto body = noise(128 * 10), tail = noise(70, 4);
    CHECK(plan_of(body + tail, body + tail).missing.empty());
    CHECK(plan_of("moved " + body + tail, body + tail).missing.empty());
    CHECK(plan_of(body + tail + noise(500, 5), body + tail).missing.empty());
    CHECK(plan_of("all else " + tail, body + tail).missing_bytes == body.size());
    CHECK(plan_of(tail, tail).missing.empty());
  }

  TEST_CASE("of nothing all is missing, and nothing lacks nothing") {
    CHECK(plan_of("", noise(1000)).missing == std::vector<ByteRange>{{0, 1000}});
    CHECK(plan_of(noise(1000), "").missing.empty());
    CHECK(plan_of(noise(1000), "").copies.empty());
    CHECK(plan_of("", "").missing.empty());
  }

  TEST_CASE("equal weak sums without equal strong ones cost a bounded time") {
    // All weak sums are that of zeros, no strong one is, and the old version is nothing but zeros.
    const std::size_t blocks = 50'000, block = 4096;
    const auto weak = WeakSum::of(std::string(block, '\0'));
    std::string sums("rs\x01\x47\0\0\x10\0\0\0\0\x08", 12);
    for (std::size_t i = 0; i < blocks; ++i) {
      for (int shift = 24; shift >= 0; shift -= 8) sums += static_cast<char>(weak >> shift & 0xFFU);
      const auto strong = noise(8, static_cast<unsigned>(i));
      sums += strong;
    }
    const auto text = head_text({"f", blocks * block, 1, 0, std::string(64, '0'), {}}, sums.size()) + sums;
    const auto signature = parse_signature(text);
    REQUIRE(signature);
    CHECK_FALSE(plan_blocks(*signature, *sys::bytes_from(std::string(1'000'000, '\0'))));
  }

  TEST_CASE("it gives up when it is told to") {
    const auto text = signature_text(noise(1000));
    int looks = 0;
    const auto plan = plan_blocks(*parse_signature(text), *sys::bytes_from(noise(5000, 6)), [&] {
      ++looks;
      return true;
    });
    CHECK_FALSE(plan);
    CHECK(looks == 1);
  }

  TEST_CASE("near ranges are joined, and more of them if there would be too many") {
    const std::vector<ByteRange> missing = {{0, 10}, {15, 5}, {100, 10}, {1000, 1}};
    CHECK(joined(missing, 1, 100) == missing);
    CHECK(joined(missing, 6, 100) == std::vector<ByteRange>{{0, 20}, {100, 10}, {1000, 1}});
    CHECK(joined(missing, 1, 2) == std::vector<ByteRange>{{0, 110}, {1000, 1}});
    CHECK(joined(missing, 1, 1) == std::vector<ByteRange>{{0, 1001}});
    CHECK(joined({}, 1, 1).empty());
    std::vector<ByteRange> million;
    for (std::uint64_t i = 0; i < 1'000'000; ++i) million.push_back({i * 256, 128});
    CHECK(joined(million, 4096, 2000).size() == 1);
  }
}
