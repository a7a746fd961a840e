#include "codec/yaml/scalar_style.hpp"

#include <doctest/doctest.h>

#include "codec/codec.hpp"

TEST_SUITE("codec::scalar_style") {
  using recentd::codec::yaml_scalar;

  TEST_CASE("numbers are plain only if they are short and whole") {
    for (const char* plain : {"0", "5", "-12", "123456789", "+1", ".5", "-.5"})
      CHECK(yaml_scalar(plain) == plain);
    for (const char* text :
         {"1.5", "007", "1795300009", "1e5", "inf", "NaN", "-inf", "5 ", "-0", "Infinity", "+1.5"}) {
      CHECK(yaml_scalar(text) == std::string("'") + text + "'");
    }
  }

  TEST_CASE("words with a meaning elsewhere are single-quoted") {
    for (const char* word : {"null", "True", "FALSE", "yes", "No", "ON", "off", "y", "N", "~"}) {
      CHECK(yaml_scalar(word) == std::string("'") + word + "'");
    }
    for (const char* word : {"nULL", "yEs", "nothing", "x", "true1"}) CHECK(yaml_scalar(word) == word);
    CHECK(yaml_scalar("") == "''");
  }

  TEST_CASE("what YAML would misread is double-quoted") {
    for (const char* text : {" a", "a ", "a\t", "\ta"}) CHECK(yaml_scalar(text)[0] == '"');
    for (const char* text :
         {"!a", "&a", "*a", "|", ">", "{}", "[]", "%a", "@a", "`a", "'a", "#a", "^a", ":a"}) {
      CHECK(yaml_scalar(text) == std::string("\"") + text + "\"");
    }
    for (const char* text : {"-", "- a", "?", "? a", ",", ", a", "a: b", "a #b", "a:", "- 5", " 5"}) {
      CHECK(yaml_scalar(text) == std::string("\"") + text + "\"");
    }
    for (const char* text :
         {"-a", "?a", ",a", "a#b", "a:b", "---", "...", "=", "<<", "a'b", "a\"b", "a\\b", "~x"}) {
      CHECK(yaml_scalar(text) == text);
    }
  }

  TEST_CASE("escapes are one per byte") {
    CHECK(yaml_scalar("\xC3\xA9: b") == R"("\xC3\xA9: b")");
    CHECK(yaml_scalar("caf\xC3\xA9") == "caf\xC3\xA9");
    CHECK(yaml_scalar(std::string_view("\0\a\b\t\n\v\f\r\x1B\x01\x7F", 11)) ==
          R"("\0\a\b\t\n\v\f\r\e\x01\x7F")");
    CHECK(yaml_scalar("\"\\\n") == R"("\"\\\n")");
    CHECK(yaml_scalar("~\xC3\xA9") == "'~\xC3\xA9'");
  }

  TEST_CASE("CR and bytes that are no UTF-8 are escaped, unlike Syck's") {
    CHECK(yaml_scalar("a\rb") == R"("a\rb")");
    CHECK(yaml_scalar("latin1-\xE9") == R"("latin1-\xE9")");
  }
}
