#include "tree/tree.hpp"

#include <doctest/doctest.h>
#include <unistd.h>

#include <recentd/error.hpp>

#include "unit/tree/scene.hpp"

using namespace recentd;
using namespace recentd::test;

TEST_SUITE("tree::tree") {
  TEST_CASE("doubled intervals, a chain without Z and a wrong meta part are remarked upon") {
    const Scratch scratch;
    make_set(scratch, {"1h", "60m", "6h", "360m"});
    const TreeLayout layout = open_tree(scratch.root);
    CHECK(specs(layout) == Lines{"1h", "6h"});
    CHECK(layout.remarks.size() >= 2);
    CHECK(layout.remarks.back().find("not at Z") != std::string::npos);
    std::string bytes = scratch.read("RECENT-1h.yaml");
    bytes.replace(bytes.find("interval: 1h"), 12, "interval: 2h");
    scratch.write("RECENT-1h.yaml", bytes);
    CHECK(open_tree(scratch.root).remarks.back().find("'2h' instead of '1h'") != std::string::npos);
  }

  TEST_CASE("invalid intervals and more than 32 levels are corrupt") {
    const Scratch scratch;
    Lines many;
    for (int i = 2; i < 40; ++i) many.push_back(std::to_string(i) + "h");
    make_set(scratch, many);
    CHECK(failure(scratch.root) == Kind::corrupt);
    std::filesystem::remove_all(scratch.root + "/RECENT.recent");
    make_set(scratch, {"1d", "1x", "Z"});
    std::string message;
    CHECK(failure(scratch.root, &message) == Kind::corrupt);
    CHECK(message.find("1x") != std::string::npos);
    scratch.write("RECENT-foo.yaml", scratch.read("RECENT-1h.yaml"));
    CHECK(failure(scratch.root + "/RECENT-foo.yaml") == Kind::corrupt);
  }
}
