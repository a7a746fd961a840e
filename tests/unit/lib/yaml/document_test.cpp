#include "lib/yaml/document.hpp"

#include <doctest/doctest.h>

using namespace recentd::yaml;

namespace {

std::size_t error_line(const std::string& text) {
  try {
    parse_document(text);
  } catch (const SyntaxError& error) {
    return error.line();
  }
  return 0;
}

}  // namespace

TEST_SUITE("lib::yaml::document") {
  TEST_CASE("nodes know their lines, and keys stand in the file's order, doubled ones too") {
    const auto root = parse_document("# comment\nb: 1\na:\n  - x\n  - [y, z]\nb: 2\n");
    REQUIRE(root.type == Node::Type::map);
    REQUIRE(root.entries.size() == 3);
    CHECK(root.entries[0].key.text == "b");
    CHECK(root.entries[0].key.line == 2);
    CHECK(root.entries[2].value.text == "2");
    CHECK(root.entries[2].key.line == 6);
    const auto& list = root.entries[1].value;
    REQUIRE(list.items.size() == 2);
    CHECK(list.items[0].line == 4);
    CHECK(list.items[1].items.size() == 2);
  }

  TEST_CASE("what is not there is null, what is quoted is text") {
    const auto root = parse_document("a:\nb: ~\nc: null\nd: '~'\ne: \"\"\n");
    REQUIRE(root.entries.size() == 5);
    for (std::size_t i = 0; i < 3; ++i) CHECK(root.entries[i].value.null);
    for (std::size_t i = 3; i < 5; ++i) CHECK_FALSE(root.entries[i].value.null);
    CHECK(parse_document("").null);
  }

  TEST_CASE("what is no YAML is told with its line") {
    CHECK(error_line("a: 1\nb: [\n") >= 2);
    CHECK(error_line("a: 1\n\tb: 2\n") == 2);
    for (const char* endless : {"a: 1\nb: 'x\n", "a: 1\nb: \"x\n", "a: 1\nb: 'x\nc: 2\n"})
      CHECK(error_line(endless) == 2);
  }

  TEST_CASE("a file without end, or without bottom, is refused") {
    CHECK(error_line("a: " + std::string(2 << 20, 'x')) > 0);
    CHECK(error_line(std::string(100, '[') + std::string(100, ']')) > 0);
  }
}
