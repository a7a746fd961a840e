#include "base/near_match.hpp"

#include <doctest/doctest.h>

using namespace recentd;

namespace {

const std::vector<std::string_view> k_words = {"mirror", "init",         "news",
                                               "source", "--max-delete", "--max-age"};

std::string near(std::string_view word) {
  return std::string(nearest(word, k_words).value_or("nothing"));
}

}  // namespace

TEST_SUITE("base::near_match") {
  TEST_CASE("a slip of the fingers leads to the word that was meant") {
    CHECK(near("mirorr") == "mirror");
    CHECK(near("miror") == "mirror");
    CHECK(near("Mirror") == "mirror");
    CHECK(near("sorce") == "source");
    CHECK(near("soruce") == "source");
    CHECK(near("nwes") == "news");
    CHECK(near("inti") == "init");
    CHECK(near("--maxdelete") == "--max-delete");
  }

  TEST_CASE("the beginning of one word alone leads to it") {
    CHECK(near("mir") == "mirror");
    CHECK(near("--max-d") == "--max-delete");
    CHECK(near("--m") == "nothing");
  }

  TEST_CASE("a word of another kind leads nowhere") {
    for (const auto* word : {"", "ls", "x", "frobnicate", "list", "\xff\xfe", "aggregate"})
      CHECK_MESSAGE(near(word) == "nothing", word);
    CHECK(near(std::string(100000, 'm')) == "nothing");
    CHECK_FALSE(nearest("mirror", {}));
  }

  TEST_CASE("of several the nearest counts, and of equals the first") {
    const std::vector<std::string_view> words = {"abcdef", "abcdex", "abcdey"};
    CHECK(nearest("abcdez", words) == "abcdef");
    CHECK(nearest("abcdxe", words) == "abcdex");
  }

  TEST_CASE("a message names it in its end, or says nothing") {
    CHECK(did_you_mean("mirorr", k_words) == " (did you mean 'mirror'?)");
    CHECK(did_you_mean("frobnicate", k_words).empty());
  }
}
