#include "sys/library.hpp"

#include <doctest/doctest.h>

#include <recentd/error.hpp>

using recentd::Error;
using recentd::sys::Library;

TEST_SUITE("sys::library") {
  TEST_CASE("a library is loaded by name, and its functions are found") {
    const Library library("libc.so.6");
    int (*absolute)(int) = nullptr;
    library.find("abs", absolute);
    REQUIRE((absolute != nullptr));
    CHECK(absolute(-7) == 7);
  }

  TEST_CASE("what is missing is told by name") {
    CHECK_THROWS_WITH_AS(Library("libnone.so.7"), doctest::Contains("'libnone.so.7'"), Error);
    const Library library("libc.so.6");
    void (*none)() = nullptr;
    CHECK_THROWS_WITH_AS(library.find("no_such_function", none), doctest::Contains("no_such_function"),
                         Error);
  }
}
