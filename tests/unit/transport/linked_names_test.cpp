#include "transport/linked_names.hpp"

#include <doctest/doctest.h>
#include <unistd.h>

#include "support/tools/temp_tree.hpp"

using namespace recentd;
using namespace recentd::transport;

TEST_SUITE("transport::linked_names") {
  TEST_CASE("files with several names are told from those with one, and from what is no file") {
    const test::TempTree tree("linked");
    tree.write("d/one", "xx");
    tree.write("d/two", "xxx");
    tree.make_link("d/link", "two");
    REQUIRE(::link(tree.path("d/two").c_str(), tree.path("other").c_str()) == 0);
    const auto linked =
        linked_names(sys::Dir(tree.path()), {"d/one", "d/two", "d/link", "d", "none", "other", "../d/two"});
    CHECK(linked.places == std::vector<std::size_t>{1, 5});
    CHECK(linked.bytes == 6);
  }

  TEST_CASE("a part of a request is the request for some of its names") {
    FetchRequest request{.names = {"a", "b", "c"}, .destination = "/there", .max_file_bytes = 7};
    request.compare = FetchRequest::Compare::anew;
    request.partial_directory = "/parts";
    request.expected.resize(3);
    request.expected[2].size_bytes = 9;
    request.spare_linked = true;
    const auto part = part_of(request, {0, 2});
    CHECK(part.names == std::vector<std::string>{"a", "c"});
    CHECK(part.expected.size() == 2);
    CHECK(part.expected[1].size_bytes == 9);
    CHECK(part.compare == FetchRequest::Compare::anew);
    CHECK(part.max_file_bytes == 7);
    CHECK(part.destination == "/there");
    CHECK(part.partial_directory == "/parts");
    CHECK_FALSE(part.spare_linked);
    CHECK_FALSE(part.look_alone);
  }
}
