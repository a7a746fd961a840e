#include "delta/versions.hpp"

#include <doctest/doctest.h>

#include "recentfile/names.hpp"

using namespace recentd;
using namespace recentd::delta;

namespace {

const std::string k_now(64, 'a'), k_one(32, 'b'), k_two(32, 'c');

Versions some() {
  return {693112, 1700000123, k_now, {{k_one, 2100}, {k_two, 1800}}};
}

}  // namespace

TEST_SUITE("delta::versions") {
  TEST_CASE("what is written is what the page tells, and is read again") {
    const auto text = to_text(some());
    CHECK(text == "recentd versions 1\nsize 693112\nmtime 1700000123\ndigest " + k_now + "\nfrom " + k_one +
                      " 2100\nfrom " + k_two + " 1800\nend\n");
    const auto read = parse_versions(text);
    REQUIRE(read);
    CHECK(read->bytes == 693112);
    CHECK(read->mtime_s == 1700000123);
    CHECK(read->steps.size() == 2);
    CHECK(to_text(*read) == text);
    const Versions bare{0, 0, k_now, {}};
    CHECK(to_text(parse_versions(to_text(bare)).value()) == to_text(bare));
  }

  TEST_CASE("one that is cut anywhere is none") {
    const auto text = to_text(some());
    for (std::size_t n = 0; n < text.size(); ++n) CHECK_FALSE(parse_versions(text.substr(0, n)));
  }

  TEST_CASE("with any byte changed, one left out or one more, it is none or says what it spells") {
    const auto text = to_text(some());
    for (std::size_t i = 0; i <= text.size(); ++i)
      for (const char c : {'\0', '0', '9', 'a', 'g', ' ', '\n', '-', '\x80'}) {
        auto changed = text, more = text, less = text;
        if (i < text.size()) changed[i] = c, less.erase(i, 1);
        more.insert(i, 1, c);
        for (const auto& other : {changed, more, less})
          if (const auto read = parse_versions(other)) CHECK(to_text(*read) == other);
      }
  }

  TEST_CASE("deltas with references are told beside, and the first deltas may be enclosed") {
    auto versions = some();
    versions.steps.front() = {k_one, 21, 5};
    versions.steps.back().delta_bytes = 3;
    versions.enclosed = {"merge", "end"};
    const auto text = to_text(versions);
    CHECK(text.ends_with("\nfrom " + k_one + " 21 5\nfrom " + k_two + " 3\nwith 2\nend\nmergeend"));
    const auto read = parse_versions(text);
    REQUIRE(read);
    CHECK(read->steps.front().merge_bytes == 5);
    CHECK(read->steps.back().merge_bytes == 0);
    CHECK(read->enclosed == versions.enclosed);
    CHECK(to_text(*read) == text);
    CHECK(merge_delta_names(versions) ==
          std::vector{merge_delta_name(k_one, std::string(32, 'a')), std::string()});
    for (std::size_t n = 0; n < text.size(); ++n) CHECK_FALSE(parse_versions(text.substr(0, n)));
    for (const char* other : {"with 0\nend\n", "with 3\nend\nmergeend", "with 1\nend\nmergeend",
                              "with 2\nend\nmergeen", "with 02\nend\nmergeend", "with -1\nend\n"})
      CHECK_FALSE(parse_versions(text.substr(0, text.find("with")) + other));
    for (const char* numbers : {" 21 0", " 21 ", " 21 05", " 21 5 ", " 21 5 5", " 21  5"}) {
      auto forged = text;
      forged.replace(forged.find(" 21 5"), 5, numbers);
      CHECK_FALSE(parse_versions(forged));
    }
  }

  TEST_CASE("of many steps those who ask often are told the newest, and those that are enclosed") {
    auto versions = some();
    versions.steps.assign(10, {k_one, 3});
    CHECK(newest_of(versions).steps.size() == 4);
    versions.enclosed.assign(6, "abc");
    CHECK(newest_of(versions).steps.size() == 6);
    CHECK(newest_of(versions).enclosed.size() == 6);
    versions.steps.resize(2);
    versions.enclosed.clear();
    CHECK(newest_of(versions).steps.size() == 2);
  }

  TEST_CASE("one that is too large is not looked at") {
    auto versions = some();
    versions.steps.assign(k_versions_bytes_max / 40, {k_one, 1});
    REQUIRE(to_text(versions).size() > k_versions_bytes_max);
    CHECK(parse_versions(to_text(some())));
    CHECK_FALSE(parse_versions(to_text(versions)));
  }

  TEST_CASE("the deltas that lead from a version to the newest") {
    const auto versions = some();
    CHECK(delta_names(versions) ==
          std::vector{delta_name(k_one, std::string(32, 'a')), delta_name(k_two, k_one)});
    CHECK(steps_from(versions, k_now) == 0);
    CHECK(steps_from(versions, k_one + std::string(32, '0')) == 1);
    CHECK(steps_from(versions, k_two + std::string(32, '0')) == 2);
    CHECK_FALSE(steps_from(versions, std::string(64, 'd')));
  }

  TEST_CASE("deltas that are as large as the level lead nowhere") {
    auto versions = some();
    versions.bytes = 3900;
    CHECK_FALSE(steps_from(versions, k_two + std::string(32, '0')));
    CHECK(steps_from(versions, k_one + std::string(32, '0')) == 1);
    versions.steps.front().delta_bytes = versions.steps.back().delta_bytes = 999'999'999'999'999;
    CHECK_FALSE(steps_from(versions, k_two + std::string(32, '0')));
  }

  TEST_CASE("the oldest steps are forgotten when they are many, or large") {
    auto versions = some();
    forget_old_steps(versions);
    CHECK(versions.steps.size() == 2);
    versions.bytes = 5000;
    forget_old_steps(versions);
    CHECK(versions.steps.size() == 1);
    versions.bytes = 1 << 30;
    versions.steps.assign(200, {k_one, 10});
    forget_old_steps(versions);
    CHECK(versions.steps.size() == 120);
  }
}
