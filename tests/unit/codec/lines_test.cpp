#include "codec/lines.hpp"

#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "codec/failure.hpp"

using namespace recentd::codec;

namespace {

// Indentation and content of each line.
std::vector<std::string> walk(std::string_view text) {
  std::vector<std::string> found;
  for (Lines lines(text); !lines.at_end(); lines.advance())
    found.push_back(std::to_string(lines.line().indent) + ":" + std::string(lines.content()));
  return found;
}

using Walk = std::vector<std::string>;

void walk_bounded(const std::string& text, std::size_t bound) {
  for (Lines lines(text, 0, bound); !lines.at_end();) lines.advance();
}

}  // namespace

TEST_SUITE("codec::lines") {
  TEST_CASE("lines with content are found, without comments, blanks at the end and CR") {
    CHECK(walk("a: 1  \r\n\n   \n# no\n  # nor this\n  - b\n") == Walk{"0:a: 1", "2:- b"});
    CHECK(walk("").empty());
    CHECK(walk("\n\n").empty());
    CHECK(walk("a # kept\n") == Walk{"0:a # kept"});
  }

  TEST_CASE("three dots end the text, and only comments may follow") {
    CHECK(walk("a\n...\n# b\n\n") == Walk{"0:a"});
    CHECK(walk("a\n...x\n") == Walk{"0:a", "0:...x"});
    CHECK_THROWS_AS(walk("a\n...\nb\n"), Unsupported);
  }

  TEST_CASE("what the block scanner cannot read is left to others, with its place") {
    CHECK_THROWS_AS(walk("a\n---\nb\n"), Unsupported);
    try {
      walk("a:\n \tb\n");
      FAIL_CHECK("a tab was taken");
    } catch (const Unsupported& found) {
      CHECK(found.offset() == 4);
    }
  }

  TEST_CASE("no line is looked at that ends beyond the bound, and another bound may follow") {
    const std::string text = "a\n# comment\nb\n";
    CHECK_NOTHROW(Lines(text, 0, 2));
    CHECK_THROWS_AS(Lines(text, 0, 1), Oversized);
    Lines lines(text, 0, 5);
    try {
      lines.advance();
      FAIL_CHECK("a line beyond the bound was taken");
    } catch (const Oversized& found) {
      CHECK(found.offset() == 2);
    }
    lines.set_bound(text.size());
    lines.advance();
    CHECK(lines.content() == "b");
    CHECK_THROWS_AS(walk_bounded("a\n...\n# x\n", 8), Oversized);
  }

  TEST_CASE("a dash begins an item only before a blank or the line's end") {
    for (const char* text : {"-\n", "- a\n"}) CHECK(Lines(text).at_dash());
    for (const char* text : {"-a\n", "a\n"}) CHECK_FALSE(Lines(text).at_dash());
  }

  TEST_CASE("what follows a dash counts as a line that is indented to its place") {
    Lines lines("  - key: 1\n");
    lines.enter(4);
    CHECK(lines.line().indent == 4);
    CHECK(lines.content() == "key: 1");
  }
}
