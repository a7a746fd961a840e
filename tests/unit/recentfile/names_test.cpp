#include "recentfile/names.hpp"

#include <string>
#include <vector>

#include <doctest/doctest.h>

using recentd::naive_path_normalize;
using recentd::relative_to_root;
using recentd::split_level_name;

TEST_SUITE("recentfile::names") {
  TEST_CASE("a level's name is split at the dash furthest to the right") {
    const auto plain = split_level_name("RECENT-1h.yaml");
    REQUIRE(plain.has_value());
    CHECK(plain->filenameroot == "RECENT");
    CHECK(plain->interval == "1h");
    CHECK(plain->suffix == ".yaml");
    CHECK(plain->file() == "RECENT-1h.yaml");
    CHECK(split_level_name("A-B-6h.json")->filenameroot == "A-B");
    CHECK(split_level_name("R.E-Z.yaml")->filenameroot == "R.E");
  }

  TEST_CASE("what follows the suffix is not looked at") {
    CHECK(split_level_name("RECENT-1h.yaml.gz")->suffix == ".yaml");
    CHECK(split_level_name("RECENT-1h.ya-ml")->interval == "1h");
    CHECK(split_level_name("RECENT-1h.ya-ml")->suffix == ".ya-ml");
  }

  TEST_CASE("other names do not match") {
    for (const char* name : {"", "-", "RECENT", "RECENT.recent", "RECENT1h.yaml", "RECENT-1h", "-1h.yaml",
                             "RECENT-.yaml", "RECENT-1h.", "RECENT-1h..yaml"}) {
      CAPTURE(name);
      CHECK_FALSE(split_level_name(name).has_value());
    }
  }

  TEST_CASE("names that go with a level") {
    CHECK(recentd::temp_name("RECENT-1h.yaml") == "RECENT-1h.yaml.new");
    CHECK(recentd::lock_name("RECENT-1h.yaml") == "RECENT-1h.yaml.lock");
    CHECK(recentd::link_name("RECENT") == "RECENT.recent");
    CHECK(recentd::link_temp_name("RECENT", 12) == "RECENT.recent.12");
  }

  TEST_CASE("names of what is offered over HTTP") {
    using namespace recentd;
    CHECK(offer_name("RECENT") == "RECENT.http");
    CHECK(versions_name("RECENT-6h.yaml") == "RECENT-6h.yaml.versions");
    CHECK(level_of_offer("RECENT-6h.yaml.versions") == "RECENT-6h.yaml");
    CHECK(level_of_offer(earlier_versions_name("RECENT-1h.yaml")) == "RECENT-1h.yaml");
    CHECK(merge_delta_name(std::string(32, '0'), std::string(32, 'f')).ends_with(".merge"));
    CHECK(is_delta_name(merge_delta_name(std::string(32, '0'), std::string(32, 'f'))));
    CHECK(level_of_offer(last_version_name("RECENT-Z.json")) == "RECENT-Z.json");
    CHECK_FALSE(level_of_offer("RECENT-6h.yaml.last.new"));
    const std::string from(32, '0'), to(32, 'f');
    CHECK(delta_name(from, to) == from + "-" + to + ".delta");
    CHECK(is_delta_name(delta_name(from, to)));
    for (const auto& name : {delta_name(from, to) + ".new", delta_name(from, to + "0"), delta_name("", to),
                             from + to + std::string("0.delta"), delta_name(from, std::string(32, 'g')),
                             std::string("mine.delta")})
      CHECK_FALSE(is_delta_name(name));
  }

  TEST_CASE("naive normalisation takes back only what stands between slashes") {
    const std::vector<std::pair<const char*, const char*>> cases = {{"/a//b", "/a/b"},
                                                                    {"/a/../b", "/b"},
                                                                    {"/a/b/../../c", "/c"},
                                                                    {"/a/./b", "/a/./b"},
                                                                    {"/a/..", "/a/.."},
                                                                    {"/a/b/", "/a/b"},
                                                                    {"/", ""},
                                                                    {"", ""},
                                                                    {"a/../b", "a/../b"},
                                                                    {"a/b/../c", "a/c"},
                                                                    {"/../a", "/../a"},
                                                                    {"/../../a", "/a"},
                                                                    {"/a/.../../b", "/a/b"},
                                                                    {"/a/b/../.", "/a/."},
                                                                    {"/a/../", ""},
                                                                    {"x", "x"}};
    for (const auto& [given, expected] : cases) {
      CAPTURE(given);
      CHECK(naive_path_normalize(given) == expected);
    }
  }

  TEST_CASE("a path below the root becomes relative to it") {
    CHECK(relative_to_root("/t", "/t//a//b") == "a/b");
    CHECK(relative_to_root("/t", "/t/d/../e") == "e");
    CHECK(relative_to_root("/t", "/t/./c/") == "c");
    CHECK(relative_to_root("/t", "x/y") == "x/y");
    CHECK(relative_to_root("/t", "../t/x") == "x");
    CHECK(relative_to_root("", "/x") == "x");
    CHECK(relative_to_root("/", "/x") == "x");
  }

  TEST_CASE("the root, its siblings and everything outside are refused") {
    for (const char* path :
         {"/t", "/t/", "/t/a/..", "/t/..", "/tX/sib", "/t/../zz", "/etc/passwd", "", ".", "..", "/"}) {
      CAPTURE(path);
      CHECK_FALSE(relative_to_root("/t", path).has_value());
    }
    CHECK_FALSE(relative_to_root("/t", std::string_view("/t/a\0b", 6)).has_value());
  }

  TEST_CASE("one trailing slash of the root goes") {
    CHECK(recentd::normalize_localroot("/a/") == "/a");
    CHECK(recentd::normalize_localroot("/a//") == "/a/");
    CHECK(recentd::normalize_localroot("/") == "");
    CHECK(recentd::normalize_localroot("") == "");
  }

  TEST_CASE("a remote root is made of what is there") {
    CHECK(recentd::compose_remoteroot("pause.perl.org", "authors", "id/A") == "pause.perl.org::authors/id/A");
    CHECK(recentd::compose_remoteroot("h", std::nullopt, "/abs") == "h::/abs");
    CHECK(recentd::compose_remoteroot(std::nullopt, std::nullopt, "/some/dir") == "/some/dir");
    CHECK(recentd::compose_remoteroot("u@h", "m", "") == "u@h::m/");
    CHECK(recentd::compose_remoteroot(std::nullopt, std::nullopt, std::nullopt).empty());
  }

  TEST_CASE("what Perl's client and our writers name is known by the whole name") {
    using namespace recentd;
    for (const char* name : {".FRMRecent-RECENT-1h.yaml-Ab1_.yaml", ".FRMRecent-RECENT.recent-0000.recent"})
      CHECK(is_reference_copy(name, "RECENT"));
    for (const char* name :
         {".FRMRecent-notes", ".FRMRecent-RECENT-1h.yaml", ".FRMRecent-RECENT-1h.yaml-Ab1_.json",
          ".FRMRecent-RECENT-1h.yaml-Ab1.yaml", ".FRMRecent-RECENT-1h.yaml-A-1_.yaml",
          ".FRMRecent-RECENT-.yaml", ".FRMRecent-OTHER-1h.yaml-Ab1_.yaml",
          ".FRMRecent-RECENT-notes.yaml-Ab1_.yaml", ".FRMRecent-"}) {
      CAPTURE(name);
      CHECK_FALSE(is_reference_copy(name, "RECENT"));
    }
    CHECK(maker_of_link("RECENT.recent.4711", "RECENT") == 4711);
    CHECK(maker_of_lock("RECENT.recent.lock.4711.1", "RECENT") == 4711);
    for (const char* name :
         {"RECENT.recent.4711.tar", "RECENT.recent.", "RECENT.recent.-1", "RECENT.recent.0",
          "RECENT.recent.99999999999", "RECENT.recent.lock.1", "OTHER.recent.1"})
      CHECK_FALSE(maker_of_link(name, "RECENT"));
    for (const char* name : {"RECENT.recent.lock.4711", "RECENT.recent.lock.4711.",
                             "RECENT.recent.lock.1.2.3", "RECENT.recent.lock.x.1", "RECENT.recent.4711"})
      CHECK_FALSE(maker_of_lock(name, "RECENT"));
  }
}
