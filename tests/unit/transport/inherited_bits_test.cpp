#include "transport/inherited_bits.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include "support/tools/temp_tree.hpp"

using namespace recentd::transport;
using recentd::test::TempTree;

namespace {

void set(const TempTree& tree, const char* name, mode_t mode) {
  CHECK(::chmod(tree.path(name).c_str(), mode) == 0);
}

unsigned mode(const TempTree& tree, const char* name) {
  struct stat facts {};
  CHECK(::lstat(tree.path(name).c_str(), &facts) == 0);
  return facts.st_mode & 07777;
}

}  // namespace

TEST_SUITE("transport::inherited_bits") {
  TEST_CASE("where nothing is inherited, rsync is asked for nothing and nothing is touched") {
    const TempTree tree("bits");
    tree.make_directory("d");
    const InheritedBits bits({"d/a", "new/b", "c"}, tree.path());
    CHECK(std::string(bits.rule()).empty());
    set(tree, "d", 02755);
    bits.restore();
    CHECK(mode(tree, "d") == 02755);
    CHECK(std::string(InheritedBits({"a"}, tree.path("none")).rule()).empty());
  }

  TEST_CASE("a directory that hands down its group does so still, and new ones below it, and no others") {
    const TempTree tree("bits");
    for (const char* name : {"g/plain", "shared", "other"}) tree.make_directory(name);
    set(tree, "g", 02755);
    set(tree, "shared", 01777);
    const std::vector<std::string> names = {"g/new/deep/a", "g/plain/b", "shared/c", "other/d", "fresh/e"};
    const InheritedBits bits(names, tree.path());
    CHECK(std::string(bits.rule()) == ",Dg+s");
    for (const char* name : {"g/new/deep", "fresh"}) tree.make_directory(name);
    // As rsync would with that rule.
    for (const char* name : {"g", "g/new", "g/new/deep", "g/plain", "shared", "other", "fresh"})
      set(tree, name, 02750);
    bits.restore();
    for (const char* name : {"g", "g/new", "g/new/deep"}) CHECK(mode(tree, name) == 02750);
    for (const char* name : {"g/plain", "other", "fresh"}) CHECK(mode(tree, name) == 0750);
    CHECK(mode(tree, "shared") == 01750);
  }
}
