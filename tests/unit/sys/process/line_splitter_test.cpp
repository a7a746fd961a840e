#include "sys/process/line_splitter.hpp"

#include <vector>

#include <doctest/doctest.h>

using recentd::sys::LineSplitter;

namespace {

using Lines = std::vector<std::string>;

Lines split(const std::vector<std::string_view>& pieces, std::size_t limit = 100) {
  Lines lines;
  const LineSplitter::Callback keep = [&](std::string_view line) { lines.emplace_back(line); };
  LineSplitter splitter(keep, limit);
  for (const auto piece : pieces) splitter.feed(piece);
  splitter.finish();
  return lines;
}

}  // namespace

TEST_SUITE("sys::line_splitter") {
  TEST_CASE("lines are put together from any pieces") {
    CHECK(split({"a\nb\n"}) == Lines{"a", "b"});
    CHECK(split({"a", "", "b\nc", "\n\n"}) == Lines{"ab", "c", ""});
    CHECK(split({}).empty());
    CHECK(split({"\n"}) == Lines{""});
  }

  TEST_CASE("a last line without an end counts") {
    CHECK(split({"a\nb"}) == Lines{"a", "b"});
  }

  TEST_CASE("a line beyond the limit is cut there, and the next one is whole, wherever pieces end") {
    for (const auto& pieces :
         {std::vector<std::string_view>{"abcdefgh\nxy\n"}, {"abc", "defgh\nxy\n"}, {"abcdefgh", "\nxy\n"}})
      CHECK(split(pieces, 5) == Lines{"abcde", "xy"});
  }

  TEST_CASE("without somebody who listens everything is thrown away") {
    const LineSplitter::Callback nobody;
    LineSplitter splitter(nobody, 5);
    splitter.feed("a\nb");
    CHECK_NOTHROW(splitter.finish());
  }
}
