#include "mirror/follow/options_check.hpp"

#include <doctest/doctest.h>

#include <recentd/error.hpp>

using namespace recentd;

namespace {

MirrorOptions options(const std::string& source, const std::string& url) {
  return {.source = source, .target = "/t", .poll = {.url = url}};
}

}  // namespace

TEST_SUITE("mirror::options_check") {
  TEST_CASE("numbers that cannot be are refused") {
    CHECK_NOTHROW(mirror::check({.source = "host::m", .target = "/t"}));
    CHECK_THROWS_AS(mirror::check({.source = "host::m", .connect = {.connections = 33}}), Error);
    CHECK_THROWS_AS(mirror::check({.source = "host::m", .connect = {.connections = 0}}), Error);
    CHECK_THROWS_AS(mirror::check({.source = "host::m", .connect = {.max_files_per_connection = 0}}), Error);
    CHECK_THROWS_AS(mirror::check({.source = "host::m", .poll = {.ttl = std::chrono::seconds(-1)}}), Error);
  }

  TEST_CASE("a poll-url is a web server's, beside a source of another kind") {
    CHECK_NOTHROW(mirror::check(options("host::m", "https://host/m")));
    CHECK_THROWS_WITH_AS(mirror::check(options("host::m", "rsync://host/m")),
                         doctest::Contains("is no http or https address"), Error);
    CHECK_THROWS_WITH_AS(mirror::check(options("http://other/m", "https://u:secret@host/m")),
                         doctest::Contains("'https://u@host/m' has no use"), Error);
    auto mixed = options("http://other/m", "https://host/m");
    mixed.other_sources = {"host::m"};
    CHECK_NOTHROW(mirror::check(mixed));
  }
}
