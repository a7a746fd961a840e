#include "upstream/source.hpp"

#include <doctest/doctest.h>

#include <recentd/error.hpp>

using namespace recentd;
using namespace recentd::upstream;

TEST_SUITE("upstream::source") {
  TEST_CASE("a source may end with the name of an index") {
    CHECK(split_source("host::pub/dir").directory == "host::pub/dir");
    CHECK_FALSE(split_source("host::pub/dir").index);
    CHECK(split_source("/srv/pub/RECENT.recent").directory == "/srv/pub/");
    CHECK(split_source("/srv/pub/RECENT.recent").index == "RECENT.recent");
    CHECK(split_source("host::pub/RECENT-6h.yaml").index == "RECENT-6h.yaml");
    CHECK_FALSE(split_source("host::RECENT.recent").index);  // a module
  }

  TEST_CASE("the sources of a mirror come in their order, each once") {
    const auto sources = split_sources({.source = "a::m/RECENT.recent", .other_sources = {"b::m", "/srv/m"}});
    REQUIRE(sources.size() == 3);
    CHECK(sources[0].index == "RECENT.recent");
    CHECK(sources[1].directory == "b::m");
    CHECK(sources[2].text == "/srv/m");
    for (const char* again : {"a::m", "b::m/RECENT.recent", "/srv/m/"}) {
      CAPTURE(again);
      try {
        (void)split_sources({.source = "a::m/RECENT.recent", .other_sources = {"b::m", "/srv/m", again}});
        FAIL_CHECK("no error");
      } catch (const Error& error) {
        CHECK(error.kind() == Kind::usage);
        CHECK(std::string(error.what()) == "source '" + std::string(again) + "' is given twice");
      }
    }
  }
}
