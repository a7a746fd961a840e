#include <doctest/doctest.h>

#include <recentd/fsync.hpp>

using namespace recentd;

TEST_SUITE("base::fsync") {
  TEST_CASE("each policy has one word, and no other is taken") {
    for (const auto fsync : {Fsync::full, Fsync::data, Fsync::none})
      CHECK(parse_fsync(fsync_text(fsync)) == fsync);
    for (const char* other : {"", "Full", "full ", "all"}) CHECK_FALSE(parse_fsync(other));
  }
}
