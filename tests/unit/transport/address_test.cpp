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

std::string refusal(const std::string& text) {
  try {
    (void)Address::parse(text);
    return "";
  } catch (const Error& error) {
    CHECK(error.kind() == Kind::usage);
    return error.what();
  }
}

}  // namespace

TEST_SUITE("transport::address") {
  TEST_CASE("a daemon's names are listed from the module's root") {
    CHECK(taken_apart("rsync://u@host:873/m/a/b") ==
          "rsync://u@host:873/m/ a/b/./ rsync://u@host:873/m/a/b/ a/b");
    CHECK(taken_apart("host::m/d/") == "host::m/ d/./ host::m/d/ d");
    CHECK(taken_apart("host::m") == "host::m/ ././ host::m/ ");
    CHECK(taken_apart("rsync://host//m//d") == "rsync://host//m/ d/./ rsync://host//m//d/ d");
  }

  TEST_CASE("other sources are listed from their directory") {
    CHECK(taken_apart("u@host:dir") == "u@host:dir/ ././ u@host:dir/ dir");
    CHECK(taken_apart("host:") == "host:./ ././ host:./ ");  // the remote home, not its root
    CHECK(taken_apart("/srv/pub") == "/srv/pub/ ././ /srv/pub/ srv/pub");
  }

  TEST_CASE("a colon behind a slash, or at the start, is part of a local name") {
    CHECK(kind("./a:b") == Address::Kind::local);
    CHECK(kind("/srv/a::b") == Address::Kind::local);
    CHECK(kind(":a") == Address::Kind::local);
    CHECK(kind("a:b") == Address::Kind::ssh);
    CHECK(kind("a::b") == Address::Kind::daemon);
  }

  TEST_CASE("the colons of an IPv6 address belong to the host") {
    CHECK(taken_apart("u@[::1]:/srv/pub") == "u@[::1]:/srv/pub/ ././ u@[::1]:/srv/pub/ srv/pub");
    CHECK(kind("[fe80::1]:dir") == Address::Kind::ssh);
    CHECK(taken_apart("[::1]::m/d") == "[::1]::m/ d/./ [::1]::m/d/ d");
    CHECK(taken_apart("rsync://u@[::1]:873/m") == "rsync://u@[::1]:873/m/ ././ rsync://u@[::1]:873/m/ ");
    CHECK(kind("[a]/b") == Address::Kind::local);
    CHECK(kind("[a:b") == Address::Kind::local);
  }

  TEST_CASE("a scheme that is not spoken, or a port where rsync knows none, is refused with what to write") {
    CHECK(refusal("ftp://host/pub") ==
          "source 'ftp://host/pub': ftp:// is not spoken; write rsync://host/module/directory, "
          "user@host:directory (ssh) or a local directory");
    CHECK(refusal("ssh://u@host/srv/pub").ends_with("write u@host:/srv/pub"));
    CHECK(refusal("file:///srv/pub").ends_with("write /srv/pub"));
    for (const auto* scheme : {"http", "https", "rsyncs", "git+ssh"})
      CHECK(refusal(std::string(scheme) + "://host/pub") != "");
    CHECK(refusal("host:873/pub") ==
          "source 'host:873/pub': to name a port write rsync://host:873/pub; for a directory of that name "
          "write "
          "host:./873/pub");
    CHECK(refusal("host:873") != "");
    CHECK(kind("host:./873/pub") == Address::Kind::ssh);
    CHECK(kind("host:873a/pub") == Address::Kind::ssh);
    CHECK(kind("./http://a") == Address::Kind::local);
  }

  TEST_CASE("a target that is written as a source looks like one") {
    for (const auto* remote : {"rsync://host/m", "host::m", "u@host:dir", "[::1]:dir", "ftp://x"})
      CHECK(Address::looks_remote(remote));
    for (const auto* local : {"/srv/a:b", "./a:b", "pub", "a/b::c", "./a://b"})
      CHECK_FALSE(Address::looks_remote(local));
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
