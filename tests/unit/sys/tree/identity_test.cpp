#include "sys/tree/identity.hpp"

#include "sys/tree/dir.hpp"
#include "unit/sys/temp_dir.hpp"

using namespace recentd::sys;
using namespace recentd::sys::test;
namespace fs = std::filesystem;

namespace {

std::string identity(const std::string& path) {
  return directory_identity(Dir(path).fd());
}

}  // namespace

TEST_SUITE("sys::identity") {
  TEST_CASE("a directory keeps its identity when it is renamed or written to; a copy has another one") {
    const TempDir place;
    fs::create_directory(place.path("a"));
    const auto before = identity(place.path("a"));
    CHECK_FALSE(before.empty());
    fs::rename(place.path("a"), place.path("b"));
    put(place.path("b/file"), "x");
    CHECK(identity(place.path("b")) == before);
    fs::copy(place.path("b"), place.path("a"));
    CHECK(identity(place.path("a")) != before);
  }

  TEST_CASE("what is no open directory is an error") {
    CHECK_THROWS(directory_identity(-1));
  }
}
