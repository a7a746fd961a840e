#include "http/url.hpp"

#include <doctest/doctest.h>

using namespace recentd;
using http::Url;

namespace {

std::string moved(const char* location) {
  const auto to = Url::parse("https://host/pub/dir/name?x")->resolve(location);
  return to ? to->text() : "(none)";
}

bool same(const char* from, const char* to) {
  return http::same_origin(*Url::parse(from), *Url::parse(to));
}

}  // namespace

TEST_SUITE("http::url") {
  TEST_CASE("names are encoded byte by byte, slashes apart") {
    CHECK(http::encoded("dir/plain-._~09Az") == "dir/plain-._~09Az");
    CHECK(http::encoded("a b%#?&+;:@\xE9\xA4\x01\xFF") == "a%20b%25%23%3F%26%2B%3B%3A%40%E9%A4%01%FF");
    CHECK(http::encoded("line\nfeed\\") == "line%0Afeed%5C");
  }

  TEST_CASE("a URL is taken apart, with the scheme's port where it tells none") {
    const auto url = Url::parse("HTTPS://Host.Example:8443/a/b?c#d").value();
    CHECK(url.scheme == "https");
    CHECK(url.host == "host.example");
    CHECK(url.port == 8443);
    CHECK(url.target == "/a/b?c");
    CHECK(Url::parse("http://h")->text() == "http://h/");
    CHECK(Url::parse("http://h:80/x")->text() == "http://h/x");
    CHECK(Url::parse("http://[::1]:81/x")->text() == "http://[::1]:81/x");
    CHECK(Url::parse("http://h?q")->text() == "http://h/?q");
  }

  TEST_CASE("what is no URL of ours is none") {
    for (const auto* text :
         {"ftp://h/", "file:///etc/passwd", "h/x", "http://", "http:///x", "http://h:0/", "http://h:65536/",
          "http://h:x/", "http://u@h/", "http://h/a b", "http://h/\\x", "http://[::1/", "javascript:1"}) {
      CAPTURE(text);
      CHECK_FALSE(Url::parse(text));
    }
  }

  TEST_CASE("a redirect's target is found as a browser does") {
    CHECK(moved("http://other/x") == "http://other/x");
    CHECK(moved("//other/x") == "https://other/x");
    CHECK(moved("/x?y") == "https://host/x?y");
    CHECK(moved("other") == "https://host/pub/dir/other");
    CHECK(moved("../up/./x") == "https://host/pub/up/x");
    CHECK(moved("../../../../x") == "https://host/x");
    CHECK(moved("?q") == "https://host/pub/dir/name?q");
    CHECK(moved("./") == "https://host/pub/dir/");
    for (const auto* text : {"", "file:///x", "ftp://h/", "a b", "mailto:x"}) CHECK(moved(text) == "(none)");
  }

  TEST_CASE("a redirect may go to the same scheme, host and port, or from http to https") {
    CHECK(same("http://h/a", "http://H:80/b"));
    CHECK(same("http://h/a", "https://h/b"));
    CHECK_FALSE(same("https://h/a", "http://h/b"));
    CHECK_FALSE(same("http://h/a", "http://i/a"));
    CHECK_FALSE(same("http://h/a", "http://h:8080/a"));
    CHECK_FALSE(same("http://h:8080/a", "https://h/a"));
  }
}
