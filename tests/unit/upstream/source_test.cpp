#include "upstream/source.hpp"

#include <doctest/doctest.h>

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
}
