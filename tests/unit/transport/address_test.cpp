#include "transport/address.hpp"

#include <doctest/doctest.h>

#include <recentd/error.hpp>

using namespace recentd;
using transport::Address;

namespace {

// What rsync is given with a list, in front of each name of it, and without a list.
std::string taken_apart(const char* text) {
  const auto address = Address::parse(text);
  CHECK(address.text == text);
  return address.operand + " " + address.listed + " " + address.directory + " " + address.prefix;
}

Address::Kind kind(const char* text) {
  return Address::parse(text).kind;
}

}  // namespace

TEST_SUITE("transport::address") {
  TEST_CASE("a daemon's names are listed from the module's root") {
    CHECK(taken_apart("rsync://u@host:873/m/a/b") ==
          "rsync://u@host:873/m/ a/b/./ rsync://u@host:873/m/a/b/ a/b");
    CHECK(taken_apart("host::m/d/") == "host::m/ d/./ host::m/d/ d");
    CHECK(taken_apart("host::m") == "host::m/ ./ host::m/ ");
    CHECK(taken_apart("rsync://host//m//d") == "rsync://host//m/ d/./ rsync://host//m//d/ d");
  }

  TEST_CASE("other sources are listed from their directory") {
    CHECK(taken_apart("u@host:dir") == "u@host:dir/ ./ u@host:dir/ dir");
    CHECK(taken_apart("host:") == "host:./ ./ host:./ ");  // the remote home, not its root
    CHECK(taken_apart("/srv/pub") == "/srv/pub/ ./ /srv/pub/ srv/pub");
  }

  TEST_CASE("a colon behind a slash, or at the start, is part of a local name") {
    CHECK(kind("./a:b") == Address::Kind::local);
    CHECK(kind("/srv/a::b") == Address::Kind::local);
    CHECK(kind(":a") == Address::Kind::local);
    CHECK(kind("a:b") == Address::Kind::ssh);
    CHECK(kind("a::b") == Address::Kind::daemon);
  }

  TEST_CASE("what rsync would take for something else is refused") {
    using namespace std::string_view_literals;
    for (const auto bad : {""sv, "-e sh"sv, "a\0b"sv, "rsync://host"sv, "rsync://host/"sv, "host::"sv,
                           "host::/"sv, "host::m/../x"sv, "rsync://host/m/.."sv}) {
      CAPTURE(bad);
      CHECK_THROWS_AS(Address::parse(bad), Error);
    }
    CHECK_NOTHROW(Address::parse("host::m/..a"));
    CHECK_NOTHROW(Address::parse("./-e"));
  }
}
