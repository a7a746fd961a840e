#include "watch/pending.hpp"

#include <doctest/doctest.h>

using namespace recentd::watch;

namespace {

using What = Hint::What;
using Names = std::set<std::string>;

Pending pending_of(std::initializer_list<Hint> hints) {
  Pending pending;
  for (const auto& hint : hints) pending.add(hint);
  return pending;
}

}  // namespace

TEST_SUITE("watch::pending") {
  TEST_CASE("hints of one path become one look, in the order of the first ones") {
    const auto pending = pending_of(
        {{What::made, "b"}, {What::made, "a"}, {What::complete, "b"}, {What::gone, "c"}, {What::made, "b"}});
    REQUIRE(pending.paths().size() == 3);
    CHECK(pending.paths()[0].path == "b");
    CHECK(pending.paths()[0].complete);
    CHECK(pending.paths()[1].path == "a");
    CHECK_FALSE(pending.paths()[1].complete);
    CHECK(pending.paths()[2].path == "c");
    CHECK(pending.size() == 3);
  }

  TEST_CASE("what was complete and went is not complete when it comes again") {
    auto pending = pending_of({{What::complete, "a"}, {What::gone, "a"}, {What::made, "a"}});
    CHECK_FALSE(pending.paths().front().complete);
    pending.add({What::complete, "a"});
    CHECK(pending.paths().front().complete);
  }

  TEST_CASE("a directory's name is looked at, too: a file may have had it") {
    const auto pending = pending_of({{What::complete, "d"}, {What::directory_appeared, "d"}});
    CHECK(pending.new_directories() == Names{"d"});
    REQUIRE(pending.paths().size() == 1);
    CHECK_FALSE(pending.paths().front().complete);
  }

  TEST_CASE("directories below others are read with them") {
    const auto pending = pending_of({{What::directory_appeared, "a/b"},
                                     {What::directory_appeared, "a"},
                                     {What::directory_appeared, "a-b"},
                                     {What::directory_appeared, "c/d"},
                                     {What::directory_gone, "x/y/z"},
                                     {What::directory_gone, "x/y"},
                                     {What::directory_gone, "x/yy"}});
    CHECK(pending.new_directories() == Names{"a", "a-b", "c/d"});
    CHECK(pending.gone_directories() == Names{"x/y", "x/yy"});
  }

  TEST_CASE("too many paths are as if the kernel had lost count") {
    Pending pending;
    CHECK(pending.empty());
    for (std::size_t i = 0; i <= Pending::k_paths_max; ++i) pending.add({What::complete, std::to_string(i)});
    CHECK(pending.lost());
    CHECK(pending.size() == 1);
    CHECK_FALSE(pending.empty());
  }

  TEST_CASE("it is full long before that, by the number of its paths or by their length") {
    Pending many, long_ones;
    std::size_t texts = 0;
    for (std::size_t i = 0; !many.full(); ++i) many.add({What::complete, std::to_string(i)});
    for (int i = 0; !long_ones.full(); ++i) {
      long_ones.add({What::complete, std::string(4000, 'x') + std::to_string(i)});
      texts += 4000;
    }
    CHECK(many.size() == Pending::k_full);
    CHECK(many.paths()[1234].path == "1234");
    CHECK(texts < Pending::k_full_bytes + 10'000);
    CHECK_FALSE(many.lost());
    many = Pending();
    CHECK(many.empty());
    CHECK_FALSE(many.full());
  }

  TEST_CASE("a copy that moves keeps its paths apart") {
    auto first = pending_of({{What::made, "short"}, {What::made, std::string(100, 'x')}});
    auto pending = std::move(first);
    pending.add({What::complete, "short"});
    pending.add({What::complete, std::string(100, 'x')});
    CHECK(pending.size() == 2);
    CHECK(pending.paths()[1].complete);
  }

  TEST_CASE("within means by whole components") {
    CHECK(is_within("a/b", "a"));
    CHECK(is_within("a", "a"));
    CHECK(is_within("anything", ""));
    CHECK_FALSE(is_within("ab", "a"));
    CHECK_FALSE(is_within("a", "a/b"));
    CHECK(is_within("a/b/c", Names{"x", "a/b"}));
    CHECK_FALSE(is_within("a/bb", Names{"x", "a/b"}));
    CHECK(is_within("q", Names{""}));
    CHECK_FALSE(is_within("q", Names{}));
  }
}
