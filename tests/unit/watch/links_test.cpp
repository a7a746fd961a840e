#include "watch/links.hpp"

#include <doctest/doctest.h>

using namespace recentd;
using namespace recentd::watch;
using Paths = std::vector<std::string>;

namespace {

sys::FileFacts file(std::uint64_t inode, std::uint32_t links) {
  sys::FileFacts facts;
  facts.type = sys::FileType::regular;
  facts.inode = inode;
  facts.device = 3;
  facts.links = links;
  return facts;
}

}  // namespace

TEST_SUITE("watch::links") {
  TEST_CASE("the names of one file know each other, and a name that gets another file leaves") {
    Links links;
    links.note("a", file(1, 3));
    links.note("d/b", file(1, 3));
    links.note("single", file(2, 1));
    links.note("c", file(1, 3));
    CHECK(links.others("a") == Paths{"c", "d/b"});
    CHECK(links.others("single").empty());
    CHECK(links.size() == 3);
    links.note("c", file(7, 2));
    CHECK(links.others("a") == Paths{"d/b"});
    links.note("a", file(9, 1));
    CHECK(links.others("d/b").empty());
    links.forget("d/b");
    links.forget("c");
    CHECK(links.size() == 0);
  }

  TEST_CASE("names that nobody has looked for are missed, until a search has shown that they lie elsewhere") {
    Links links;
    links.note("b", file(1, 3));
    CHECK(links.lacks_names("b", file(1, 3)));
    links.note("a", file(1, 3));
    links.complete(Links::file_of(file(1, 3)), 3);
    CHECK_FALSE(links.lacks_names("b", file(1, 3)));
    CHECK(links.lacks_names("b", file(1, 4)));
    links.note("c", file(1, 4));
    CHECK_FALSE(links.lacks_names("b", file(1, 4)));
    CHECK_FALSE(links.lacks_names("x", file(5, 2)));
    CHECK_FALSE(links.lacks_names("b", file(1, 1)));
  }

  TEST_CASE("so many names are kept and no more") {
    Links links;
    for (std::size_t i = 0; i < Links::k_names_max; ++i) links.note(std::to_string(i), file(i / 2, 2));
    CHECK_FALSE(links.overflowed());
    links.note("more", file(1, 3));
    CHECK(links.overflowed());
    CHECK(links.size() == Links::k_names_max);
    CHECK_FALSE(links.lacks_names("more", file(1, 3)));
  }
}
