#include "delta/patch.hpp"

#include <doctest/doctest.h>

using namespace recentd;
using namespace recentd::delta;

namespace {

const std::string k_old = "abcdefghij";

std::string text_of(const std::optional<Content>& content) {
  if (!content) return "(none)";
  std::string text;
  for (const auto part : content->parts) text += part;
  CHECK(text.size() == content->bytes);
  return text;
}

std::string applied(const std::string& old, const std::string& delta, std::size_t parts_max = 100) {
  return text_of(apply(Content(old), delta, parts_max));
}

}  // namespace

TEST_SUITE("delta::patch") {
  TEST_CASE("what is written is what the page tells") {
    PatchWriter writer(10, 9, 1000);
    const std::string added = "XY";
    writer.copy(2);
    writer.copy(1);
    writer.skip(1);
    writer.add(std::string_view(added).substr(0, 1));
    writer.skip(2);
    writer.add(std::string_view(added).substr(1));
    writer.copy(4);
    const auto delta = writer.finish();
    CHECK(delta == "recentd delta 1 10 9\n=3\n-3\n+2\nXY=4\n");
    CHECK(applied(k_old, *delta) == "abcXYghij");
  }

  TEST_CASE("two versions that are equal, and ones of nothing") {
    PatchWriter same(10, 10, 1000);
    same.copy(10);
    CHECK(applied(k_old, same.finish().value()) == k_old);
    CHECK(applied("", PatchWriter(0, 0, 1000).finish().value()) == "");
    PatchWriter gone(10, 0, 1000);
    gone.skip(10);
    CHECK(applied(k_old, gone.finish().value()) == "");
    PatchWriter made(0, 10, 1000);
    made.add(k_old);
    CHECK(applied("", made.finish().value()) == k_old);
  }

  TEST_CASE("one that becomes too large is none") {
    PatchWriter writer(0, 100, 60);
    const std::string added(100, 'x');
    writer.add(added);
    CHECK(writer.is_too_large());
    writer.copy(1);
    CHECK(writer.is_too_large());
    CHECK_FALSE(writer.finish());
  }

  TEST_CASE("a second delta is applied to the parts of the first") {
    const std::string first = "recentd delta 1 10 9\n=3\n-3\n+2\nXY=4\n",
                      second = "recentd delta 1 9 7\n=4\n-2\n=3\n";
    const Content old(k_old);
    const auto between = apply(old, first, 100);
    REQUIRE(between);
    CHECK(text_of(apply(*between, second, 100)) == "abcXhij");
    CHECK(between->parts.size() == 3);
  }

  TEST_CASE("a delta that is cut anywhere is none") {
    const std::string delta = "recentd delta 1 10 9\n=3\n-3\n+2\nXY=4\n";
    for (std::size_t n = 0; n < delta.size(); ++n) CHECK(applied(k_old, delta.substr(0, n)) == "(none)");
  }

  TEST_CASE("nothing is taken that is no delta of this version, or spelled otherwise") {
    for (const char* delta : {
             "recentd delta 2 10 10\n=10\n",  // another format
             "recentd delta 1 11 11\n=10\n",  // another version
             "recentd delta 1 10 10 \n=10\n",
             "recentd delta 1 10 010\n=10\n",
             "recentd delta 1 10 10\n=11\n",     // beyond the old version
             "recentd delta 1 10 5\n=10\n",      // beyond the new one
             "recentd delta 1 10 10\n=9\n",      // not all of it
             "recentd delta 1 10 10\n=4\n=6\n",  // two ways to say it
             "recentd delta 1 10 10\n+1\nx-1\n=9\n",
             "recentd delta 1 10 9\n-1\n-0\n=9\n",
             "recentd delta 1 10 10\n=0\n=10\n",
             "recentd delta 1 10 10\n=+10\n",
             "recentd delta 1 10 10\n= 10\n",
             "recentd delta 1 10 10\n=10",
             "recentd delta 1 10 10\n=10\nmore",
             "recentd delta 1 10 10\n=10\r\n",
             "recentd delta 1 10 20\n=10\n+10\nshort",
             "recentd delta 1 10 10\n=99999999999999999999\n",
             "recentd delta 1 10 999999999999999\n=10\n+999999999999989\nx",
             "<html>not found</html>\n",
         })
      CHECK_MESSAGE(applied(k_old, delta) == "(none)", delta);
  }

  TEST_CASE("events of the next smaller level are referred to by their epochs, newest first") {
    const std::string events = "head\n- \nepoch: 9\n- \nepoch: 8\n- \nepoch: 7\n";
    const Smaller smaller{events, "\n- \n"};
    const auto with = [&](const std::string& lines, int bytes) {
      const auto delta = "recentd delta 1 10 " + std::to_string(bytes) + "\n" + lines;
      return text_of(apply(Content(k_old), delta, 100, smaller));
    };
    CHECK(with("=3\n*8 9\n=7\n", 18) == "abcepoch: 9defghij");
    CHECK(with("*8 9\n*8 8\n=10\n", 26) == "epoch: 9epoch: 8abcdefghij");
    CHECK(with("=10\n+1\nx*20 8\n", 31) == "abcdefghijxepoch: 8\n- \nepoch: 7");
    CHECK(with("-3\n*8 9\n+1\nx=7\n", 16) == "epoch: 9xdefghij");
    for (const char* lines :
         {"*8 8\n*8 9\n=10\n", "*8 10\n=10\n", "*8 8.5\n=10\n", "*99 9\n=10\n", "*0 9\n=10\n", "*8\n=10\n",
          "*8 \n=10\n", "* 9\n=10\n", "*8 x\n=10\n", "*8  9\n=10\n"})
      CHECK_MESSAGE(with(lines, 18) == "(none)", lines);
    CHECK(with("*8 9\n-3\n=7\n", 15) == "(none)");
    CHECK(text_of(apply(Content(k_old), "recentd delta 1 10 18\n*8 9\n=10\n", 100)) == "(none)");
  }

  TEST_CASE("memory is bounded by a number of parts") {
    std::string old(4000, 'o'), delta = "recentd delta 1 4000 2000\n";
    for (int i = 0; i < 2000; ++i) delta += "=1\n-1\n";
    CHECK(applied(old, delta, 2000).size() == 2000);
    CHECK(applied(old, delta, 1999) == "(none)");
  }
}
