#include <doctest/doctest.h>

#include <recentd/delete_limit.hpp>

using recentd::DeleteLimit;

namespace {

DeleteLimit limit(const char* text) {
  return DeleteLimit::parse(text).value();
}

}  // namespace

TEST_SUITE("model::delete_limit") {
  TEST_CASE("a count allows up to itself, whatever the tree's size") {
    CHECK(limit("1000").allows(1000, 2001));
    CHECK_FALSE(limit("1000").allows(1001, 1'000'000'000));
    CHECK(limit("0").allows(0, 5));
    CHECK_FALSE(limit("0").allows(1, 5));
  }

  TEST_CASE("a share allows up to itself of the tree as it was before") {
    CHECK(limit("10%").allows(100, 1000));
    CHECK_FALSE(limit("10%").allows(101, 1000));
    CHECK_FALSE(limit("10%").allows(1, 9));
    CHECK(limit("0.25%").allows(25, 10'000));
    CHECK_FALSE(limit("0.25%").allows(26, 10'000));
    CHECK(limit("100%").allows(7, 7));
  }

  TEST_CASE("of both the one that is exceeded first counts, in any order") {
    for (const char* text : {"50,10%", "10%,50", " 50 , 10 % "}) {
      CHECK_FALSE(limit(text).allows(51, 1'000'000));
      CHECK_FALSE(limit(text).allows(11, 100));
      CHECK(limit(text).allows(50, 500));
    }
  }

  TEST_CASE("the usual limit is a thousand files, or a tenth of a large tree") {
    const auto usual = DeleteLimit::usual();
    CHECK(usual.allows(1000, 2001));
    CHECK_FALSE(usual.allows(1001, 2003));
    CHECK(usual.allows(10'000, 100'000));
    CHECK_FALSE(usual.allows(2000, 10'000));
    CHECK_FALSE(usual.allows(10'000, 10'000));
    CHECK(DeleteLimit::none().allows(10'000, 10'000));
  }

  TEST_CASE("half of a tree, from 30 files on, is too much for any number of files") {
    for (const auto& some : {DeleteLimit::usual(), limit("1000"), limit("1000,49.99%")}) {
      CAPTURE(some.text());
      CHECK_FALSE(some.allows(30, 30));
      CHECK_FALSE(some.allows(30, 60));
      CHECK_FALSE(some.allows(300, 301));
      CHECK_FALSE(some.allows(1000, 1000));
      CHECK_FALSE(some.allows(35, 0));  // more than there was
      CHECK(some.allows(30, 61));
    }
    for (const auto& some : {DeleteLimit::usual(), limit("1000")}) CHECK(some.allows(29, 29));
  }

  TEST_CASE("a share of half and more, or none, says that it is meant") {
    CHECK(limit("50%").allows(20, 40));
    CHECK_FALSE(limit("50%").allows(21, 40));
    CHECK(limit("100%").allows(300, 300));
    CHECK(limit("1000,100%").allows(300, 300));
    CHECK(DeleteLimit::none().allows(300, 300));
  }

  TEST_CASE("what is wrong with too many deletes is told") {
    CHECK(DeleteLimit::usual().objection(300, 301) == "half of the tree or more");
    CHECK(DeleteLimit::usual().objection(1001, 5000) == "more than max-delete (10%, at least 1000) allows");
    CHECK(limit("10").objection(20, 20) == "more than max-delete (10) allows");
  }

  TEST_CASE("the tree's size matters to all limits but none") {
    CHECK(DeleteLimit::usual().relative());
    CHECK(limit("1000").relative());
    CHECK_FALSE(DeleteLimit::none().relative());
  }

  TEST_CASE("the text says what was parsed") {
    for (const char* text : {"none", "7", "10%", "0.25%", "0.5%", "12.05%", "1000,10%"})
      CHECK(limit(text).text() == text);
    CHECK(DeleteLimit::usual().text() == "10%, at least 1000");
  }

  TEST_CASE("anything else is no limit") {
    for (const char* text : {"", ",", "x", "-1", "10%%", "101%", "100.01%", "1.234%", "1.%", ".5%", "%",
                             "1,2", "1%,2%", "1,2%,3", "1e3", "99999999999999999999"}) {
      CAPTURE(text);
      CHECK_FALSE(DeleteLimit::parse(text));
    }
  }
}
