#include "cli/options.hpp"

#include <doctest/doctest.h>

using namespace recentd;
using namespace recentd::cli;
using namespace std::chrono_literals;

namespace {

// Takes a line apart as the command `try` would.
std::optional<Arguments> parse(std::vector<std::string> words, const char* operands = "SOURCE [PATH...]") {
  const Usage usage{"try",
                    operands,
                    "tries",
                    "recentd try",
                    {{"limit,l", "N", "a number"}, {"quiet", nullptr, "says less"}}};
  std::vector<char*> pointers;
  for (auto& word : words) pointers.push_back(word.data());
  return Arguments::parse(usage, pointers);
}

std::string refusal(std::vector<std::string> words, const char* operands = "SOURCE [PATH...]") {
  try {
    parse(std::move(words), operands);
  } catch (const Error& error) {
    CHECK(error.kind() == Kind::usage);
    return error.what();
  }
  return "taken";
}

using Words_ = std::vector<std::string>;

}  // namespace

TEST_SUITE("cli::options") {
  TEST_CASE("options and operands may come in any order, the last value counts") {
    const auto line = parse({"--limit", "5", "a::m", "-l7", "--quiet", "x", "y"});
    REQUIRE(line);
    CHECK(line->operands() == Words_{"a::m", "x", "y"});
    CHECK(line->value("limit") == "7");
    CHECK(line->values("limit") == Words_{"5", "7"});
    CHECK(line->has("quiet"));
    CHECK_FALSE(line->has("other"));
    CHECK(line->in_order().size() == 3);
  }

  TEST_CASE("behind -- everything is an operand") {
    CHECK(parse({"--", "-x", "--quiet"})->operands() == Words_{"-x", "--quiet"});
  }

  TEST_CASE("what is unknown, abbreviated or without its value is refused") {
    for (const auto& line :
         {Words_{"a", "--other"}, {"a", "--lim", "5"}, {"a", "--limit"}, {"a", "--quiet=yes"}})
      CHECK(refusal(line).ends_with("; --help-all lists the options"));
  }

  TEST_CASE("operands are counted") {
    CHECK(refusal({}).starts_with("needs SOURCE [PATH...]"));
    CHECK(refusal({"a", "b"}, "SOURCE").find("not 'b' as well") != std::string::npos);
    CHECK(refusal({"a"}, "").find("takes options alone") != std::string::npos);
    CHECK(refusal({"a"}, "SOURCE [TARGET]") == "taken");
    CHECK(refusal({"a", "b", "c"}, "SOURCE [TARGET]") != "taken");
  }

  TEST_CASE(
      "numbers are the default's if they are not given, and told by the option's name if they are bad") {
    const auto line = parse({"a", "--limit", "2.5"});
    CHECK(line->seconds("limit", 1s) == 2500ms);
    CHECK(line->seconds("quiet", 1s) == 1s);
    CHECK(line->number("quiet", 9, 1) == 9);
    CHECK_FALSE(line->epoch("quiet"));
    CHECK(line->epoch("limit") == Epoch::parse("2.5"));
    CHECK_THROWS_WITH_AS((void)line->number("limit", 9, 1), doctest::Contains("--limit '2.5'"), Error);
  }
}
