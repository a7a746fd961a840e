#include "watch/index_view.hpp"

#include <doctest/doctest.h>

#include "unit/origin/set.hpp"

using namespace recentd;
using namespace recentd::test;
using watch::IndexView;

namespace {

using Names = std::set<std::string>;

Names unmet(IndexView& view) {
  Names names, chosen;
  const auto n = view.choose_unmet([&](std::string_view path) {
    CHECK(names.emplace(path).second);
    return path != "d/new";
  });
  view.each_chosen([&](std::string_view path) { CHECK(chosen.emplace(path).second); });
  CHECK(chosen.size() == n);
  auto expected = names;
  expected.erase("d/new");
  CHECK(chosen == expected);
  view.each_chosen([&](std::string_view path) { CHECK_MESSAGE(false, "told twice: ", path); });
  return names;
}

}  // namespace

TEST_SUITE("watch::index_view") {
  TEST_CASE("the newest event of a path over all levels counts") {
    Set set;
    for (const char* path : {"a", "d/b", "d/c", "dd/e"}) set.add(path, 1300000000);
    set.aggregate(1300000001, true);
    set.remove("d/b", 1300000002);
    set.add("a", 1300000003);
    set.add("d/new", 1300000004);
    const auto layout = open_tree(set.scratch.root);
    IndexView all(layout, {""});
    CHECK(all.present() == 4);
    CHECK_FALSE(all.find("d/b"));
    CHECK_FALSE(all.find("nowhere"));
    REQUIRE(all.find("a"));
    CHECK(all.find("a")->epoch_s() == 1300000003);
    all.find("a")->meet();
    CHECK(unmet(all) == Names{"d/c", "d/new", "dd/e"});
    CHECK(unmet(all).empty());
    IndexView part(layout, {"d", "nothing/here"});
    CHECK(part.present() == 2);
    CHECK(unmet(part) == Names{"d/c", "d/new"});
  }

  TEST_CASE("a broken level is an error, a missing one is not") {
    Set set;
    set.add("a", 1300000000);
    set.aggregate(1300000001, true);
    const auto layout = open_tree(set.scratch.root);
    set.scratch.write("RECENT-6h.yaml", "]] broken");
    CHECK(kind_of([&] { IndexView(layout, {""}); }) == Kind::corrupt);
    REQUIRE(::unlink((set.scratch.root + "/RECENT-6h.yaml").c_str()) == 0);
    CHECK(IndexView(layout, {""}).present() == 1);
  }
}
