#include "base/out_of_memory.hpp"

#include <doctest/doctest.h>

using namespace recentd;

TEST_SUITE("base::out_of_memory") {
  TEST_CASE("memory that cannot be had is trouble of this side, all else stays what it is") {
    CHECK(memory_is_io([] { return 5; }) == 5);
    try {
      memory_is_io([] { throw std::bad_alloc(); });
      FAIL("nothing was thrown");
    } catch (const Error& error) {
      CHECK(error.kind() == Kind::io);
    }
    CHECK_THROWS_AS(memory_is_io([] { throw 5; }), int);
  }
}
