#include <initializer_list>

#include <doctest/doctest.h>

#include <recentd/path_filter.hpp>

using recentd::PathFilter;

namespace {

PathFilter filter(std::initializer_list<const char*> rules) {
  PathFilter made;
  for (const char* const rule : rules) REQUIRE(made.add(rule));
  return made;
}

}  // namespace

TEST_SUITE("model::path_filter") {
  TEST_CASE("without rules everything is wanted") {
    CHECK(PathFilter().wants("any/thing"));
    CHECK(PathFilter().empty());
  }

  TEST_CASE("a pattern without a slash is compared with names at any depth, directories too") {
    const auto made = filter({"- *.iso", "- tmp"});
    CHECK_FALSE(made.wants("a.iso"));
    CHECK_FALSE(made.wants("deep/down/a.iso"));
    CHECK_FALSE(made.wants("x/tmp/file"));
    CHECK(made.wants("x/tmpfile"));
    CHECK(made.wants("a.iso.txt"));
  }

  TEST_CASE("a leading slash ties a pattern to the top, an inner one to the path's end") {
    CHECK_FALSE(filter({"- /a"}).wants("a/file"));
    CHECK(filter({"- /a"}).wants("b/a"));
    CHECK_FALSE(filter({"- a/b"}).wants("x/a/b"));
    CHECK(filter({"- a/b"}).wants("xa/b"));
  }

  TEST_CASE("one star stays within a name, two do not") {
    CHECK(filter({"- /a/*.gz"}).wants("a/b/c.gz"));
    CHECK_FALSE(filter({"- /a/*.gz"}).wants("a/c.gz"));
    CHECK_FALSE(filter({"- /a/**.gz"}).wants("a/b/c.gz"));
    CHECK_FALSE(filter({"- **/x?[0-9]"}).wants("a/b/xy7"));
    CHECK(filter({"- **/x?[!0-9]"}).wants("a/b/xy7"));
  }

  TEST_CASE("a trailing slash means directories alone") {
    const auto made = filter({"- build/"});
    CHECK(made.wants("build"));
    CHECK_FALSE(made.wants("build/file"));
  }

  TEST_CASE("the first rule that matches decides, and nothing is wanted below what is not") {
    const auto docs = filter({"+ /docs/***", "- *"});
    CHECK(docs.wants("docs/a/b"));
    CHECK_FALSE(docs.wants("doc"));
    CHECK_FALSE(docs.wants("src/docs/a"));
    const auto archives = filter({"+ */", "+ *.gz", "- *"});
    CHECK(archives.wants("a/b/c.gz"));
    CHECK_FALSE(archives.wants("a/b/c.txt"));
    CHECK_FALSE(filter({"- /a", "+ /a/b"}).wants("a/b"));
  }

  TEST_CASE("a pattern made to backtrack takes no time") {
    PathFilter made;
    std::string rule = "- ";
    for (int i = 0; i < 60; ++i) rule += "a*";
    REQUIRE(made.add(rule + "b"));
    CHECK(made.wants(std::string(4000, 'a')));
  }

  TEST_CASE("what is no rule is refused") {
    PathFilter made;
    for (const char* const rule : {"", "+", "- ", "docs", "* x", "- /", "- [a", "include x"}) {
      CAPTURE(rule);
      CHECK_FALSE(made.add(rule));
    }
    CHECK(made.empty());
  }
}
