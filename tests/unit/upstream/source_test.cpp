#include "upstream/source.hpp"

#include <doctest/doctest.h>

#include <recentd/error.hpp>

using namespace recentd;
using namespace recentd::upstream;

namespace {

// Directory and index, or the directory alone.
std::string split(const char* text) {
  const auto source = split_source(text);
  CHECK(source.text == text);
  return source.directory + (source.index ? " " + *source.index : "");
}

}  // namespace

TEST_SUITE("upstream::source") {
  TEST_CASE("a password goes along to the transport, and is not shown") {
    const auto source = split_source("rsync://u:s3cret@host/m/RECENT.recent");
    CHECK(source.directory == "rsync://u:s3cret@host/m/");
    CHECK(source.index == "RECENT.recent");
    CHECK(source.text == "rsync://u@host/m/RECENT.recent");
    CHECK(split_source("u:s3cret@host::m").text == "u@host::m");
  }

  TEST_CASE("a last component that is an index's name is split off") {
    CHECK(split("rsync://host/m/RECENT.recent") == "rsync://host/m/ RECENT.recent");
    CHECK(split("host::m/RECENT-6h.yaml") == "host::m/ RECENT-6h.yaml");
    CHECK(split("/srv/pub/RECENT-Z.json") == "/srv/pub/ RECENT-Z.json");
    CHECK(split("host:RECENT.recent") == "host: RECENT.recent");
    CHECK(split("RECENT.recent") == "./ RECENT.recent");
  }

  TEST_CASE("everything else is a directory") {
    for (const char* text : {"host::m", "host::m/d/", "/srv/pub", "/srv/RECENT-6x.yaml", "/srv/RECENT-6h.txt",
                             "/srv/RECENT-6h.yaml/", "/srv/.recent", ""})
      CHECK(split(text) == text);
    CHECK(split("host::RECENT.recent") == "host::RECENT.recent");  // a module of that name
  }

  TEST_CASE("a link's name has a root and no directory") {
    CHECK(is_link_name("RECENT.recent"));
    CHECK(is_link_name("a.recent"));
    for (const char* name : {"", ".recent", "d/RECENT.recent", "RECENT.recent.lock"})
      CHECK_FALSE(is_link_name(name));
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
        CHECK(std::string(error.what()) == "source '" + std::string(again) +
                                               "' is given twice; leave one out, as it would be its own "
                                               "stand-in");
      }
    }
  }
}
