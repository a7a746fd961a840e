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
  TEST_CASE("a password in a daemon's address is taken out of all texts") {
    struct Row {
      const char *written, *shown, *password;
    };
    for (const auto& row : {Row{"rsync://u:s3cret@host/m/d", "rsync://u@host/m/d", "s3cret"},
                            Row{"rsync://u:s3cret@host:873/m", "rsync://u@host:873/m", "s3cret"},
                            Row{"rsync://u:a@b:c@host/m", "rsync://u@host/m", "a@b:c"},
                            Row{"rsync://u:a/b@host/m", "rsync://u@host/m", "a/b"},
                            Row{"rsync://u:a%40%2Fb%zz%4@host/m", "rsync://u@host/m", "a@/b%zz%4"},
                            Row{"rsync://u:s3cret@[::1]:873/m", "rsync://u@[::1]:873/m", "s3cret"},
                            Row{"u:s3cret@host::m/d", "u@host::m/d", "s3cret"},
                            Row{"u:s3cret@[::1]::m", "u@[::1]::m", "s3cret"}}) {
      CAPTURE(row.written);
      const auto address = Address::parse(row.written);
      CHECK(address.kind == Address::Kind::daemon);
      CHECK(address.password == row.password);
      CHECK(address.text == row.shown);
      CHECK(Address::without_password(row.written) == row.shown);
      const auto plain = Address::parse(row.shown);
      CHECK_FALSE(plain.password);
      CHECK(address.operand == plain.operand);
      CHECK(address.directory == plain.directory);
    }
    CHECK_FALSE(Address::parse("rsync://u:@host/m").password);
  }

  TEST_CASE("what looks only a little like a password is none") {
    for (const char* text : {"rsync://host:873/m/a@b", "rsync://[::1]:873/m/a@b", "rsync://u@[::1]:873/m",
                             "rsync://u@host/a:b@c", "host::m/a:b@c", "u@host:dir:x@y", "u@[::1]::m",
                             "./a:b@c::d", "/a:b@c", "a:b@c"}) {
      CAPTURE(text);
      CHECK_FALSE(Address::password_in(text));
      CHECK(Address::without_password(text) == text);
    }
  }

  TEST_CASE("no refusal shows a password") {
    for (const char* text :
         {"rsync://u:s3cret@host/", "rsync://u:s3cret@host/m/../x", "ftp://u:s3cret@host/m",
          "ssh://u:s3cret@host/m", "rsync://u:s3/cret@host", "u:s3cret@host::"}) {
      CAPTURE(text);
      const auto words = refusal(text);
      CHECK(words != "");
      CHECK(words.find("cret") == std::string::npos);
    }
  }

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
          "https://host/directory, "
          "user@host:directory (ssh) or a local directory");
    CHECK(refusal("ssh://u@host/srv/pub").ends_with("write u@host:/srv/pub"));
    CHECK(refusal("file:///srv/pub").ends_with("write /srv/pub"));
    for (const auto* scheme : {"ftp", "rsyncs", "git+ssh"})
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

  TEST_CASE("a web server's directory is a URL, with user and password apart") {
    const auto address = Address::parse("https://us%65r:p%3Aw@host:8443/pub");
    CHECK(address.kind == Address::Kind::http);
    CHECK(address.operand == "https://host:8443/pub/");
    CHECK(address.user == "user");
    CHECK(address.password == "p:w");
    CHECK(address.text == "https://us%65r@host:8443/pub");
    CHECK(Address::parse("http://[::1]/").operand == "http://[::1]/");
    CHECK(Address::parse("http://host").operand == "http://host/");
    CHECK_FALSE(Address::parse("http://host").password);
    for (const auto* text : {"http://", "http:///pub", "http://host/pub?x", "http://host/pub#x",
                             "http://host/a b", "http://host/../x", "https://user:pw@/x"}) {
      CAPTURE(text);
      CHECK(refusal(text) != "");
      CHECK(refusal(text).find("pw") == std::string::npos);
    }
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
