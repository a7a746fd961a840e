#include "lib/zlib/deflate.hpp"

#include <doctest/doctest.h>

using namespace recentd;

TEST_SUITE("lib::zlib::deflate") {
  TEST_CASE("what was deflated is inflated again, and repeats cost little") {
    for (const std::string& text : {std::string(), std::string("a"), std::string(100'000, 'x')}) {
      const auto small = zlib::deflated(text);
      CHECK(zlib::inflated(small, text.size()) == text);
    }
    CHECK(zlib::deflated(std::string(100'000, 'x')).size() < 200);
  }

  TEST_CASE("what is cut, longer or shorter than told, changed, or followed by more is nothing") {
    const std::string text = "one row\ntwo rows\nthree rows\n";
    const auto small = zlib::deflated(text);
    for (std::size_t n = 0; n < small.size(); ++n)
      CHECK_FALSE(zlib::inflated(small.substr(0, n), text.size()));
    CHECK_FALSE(zlib::inflated(small, text.size() - 1));
    CHECK_FALSE(zlib::inflated(small, text.size() + 1));
    CHECK_FALSE(zlib::inflated(small + "x", text.size()));
    auto changed = small;
    changed.back() = static_cast<char>(changed.back() ^ 1);
    CHECK_FALSE(zlib::inflated(changed, text.size()));
    CHECK_FALSE(zlib::inflated("<html>", 6));
  }

  TEST_CASE("a million of bytes in a few does not become more than was told") {
    CHECK_FALSE(zlib::inflated(zlib::deflated(std::string(1'000'000, '\0')), 1000));
  }
}
