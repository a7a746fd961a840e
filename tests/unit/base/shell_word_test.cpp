#include "base/shell_word.hpp"

#include <doctest/doctest.h>

using recentd::shell_word;

TEST_SUITE("base::shell_word") {
  TEST_CASE("a word that a shell takes as it is stays, any other is quoted") {
    CHECK(shell_word("/srv/pub-1_a.b:c@d%e+f=g,h") == "/srv/pub-1_a.b:c@d%e+f=g,h");
    CHECK(shell_word("") == "''");
    CHECK(shell_word("a b") == "'a b'");
    CHECK(shell_word("$(x)~*") == "'$(x)~*'");
    CHECK(shell_word("it's") == "'it'\\''s'");
  }

  TEST_CASE("what a terminal must not get is spelled out") {
    CHECK(shell_word("a\n'b") == "$'a\\x0A\\'b'");
    CHECK(shell_word("a\\b") == "$'a\\x5Cb'");
  }
}
