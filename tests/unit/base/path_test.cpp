#include <doctest/doctest.h>

#include <recentd/path.hpp>

using namespace recentd;

namespace {

const Bookkeeping k_recent;

RelPath::Flaw flaw(std::string_view text) {
  return RelPath::check(text, k_recent);
}

}  // namespace

TEST_SUITE("base::path") {
  TEST_CASE("level files, their temporaries and locks are bookkeeping") {
    for (const char* name : {"RECENT-1h.yaml", "RECENT-Z.yaml", "RECENT-6h.json", "RECENT-1Q.sto",
                             "RECENT-30s.dd", "RECENT-h.yaml", "RECENT-001h.yaml", "RECENT-1h.yaml.new",
                             "RECENT-1h.yaml.lock", "RECENT-1h.yaml.lock/process", "RECENT-1h.yaml.lock/",
                             "RECENT-1h.yaml.lockx", "RECENT-Z.json.new"}) {
      CAPTURE(name);
      CHECK(k_recent.owns(name));
    }
  }

  TEST_CASE("links, signatures, tiers and private places are bookkeeping") {
    for (const char* name :
         {"RECENT.recent", "RECENT.recent.123", "RECENT-1h.yaml.rsig", "RECENT-Z.rsig", "RECENT.tiers.json",
          ".FRMRecent-RECENT-1h.yaml-Ab12.yaml", ".recentd", ".recentd/state", "RECENT.recent/x",
          "RECENT.http", "RECENT.http/RECENT-6h.yaml.versions"}) {
      CAPTURE(name);
      CHECK(k_recent.owns(name));
    }
  }

  TEST_CASE("what only looks like bookkeeping is content") {
    for (const char* name : {"RECENT-1x.yaml",
                             "RECENT-1hh.yaml",
                             "recent-1h.yaml",
                             "XRECENT-1h.yaml",
                             "RECENT-Zs.yaml",
                             "RECENT-1h.yamlfoo",
                             "RECENT-1h.yaml\n",
                             "RECENT-1h.yaml.recent",
                             "RECENT-1h.yaml.gz",
                             "RECENT-1h.yaml.new2",
                             "RECENT-1h",
                             "RECENT",
                             "RECENT-",
                             "RECENTx.recent",
                             "RECENT.recent2",
                             ".recentd2",
                             ".FRMRecent",
                             "RECENT.tiers.json2",
                             "RECENT.https",
                             "OTHER.http",
                             "RECENT.rsig",
                             "RECENT-1h.txt",
                             ""}) {
      CAPTURE(name);
      CHECK_FALSE(k_recent.owns(name));
    }
  }

  TEST_CASE("in sub-directories the same names are content") {
    for (const char* name : {"sub/RECENT-1h.yaml", "sub/RECENT.recent", "sub/RECENT.http", "a/.FRMRecent-x",
                             "a/RECENT-1h.rsig", "RECENT-x/RECENT-1h.yaml"}) {
      CAPTURE(name);
      CHECK_FALSE(k_recent.owns(name));
      CHECK(flaw(name) == RelPath::Flaw::none);
    }
  }

  TEST_CASE("another root name owns other files") {
    const Bookkeeping other("INDEX-a.b");
    CHECK(other.owns("INDEX-a.b-1h.yaml"));
    CHECK(other.owns("INDEX-a.b.recent"));
    CHECK_FALSE(other.owns("RECENT-1h.yaml"));
    CHECK(other.owns(".recentd/x"));
    CHECK(other.filenameroot() == "INDEX-a.b");
  }

  TEST_CASE("a path that could leave the tree is refused with its reason") {
    using Flaw = RelPath::Flaw;
    CHECK(flaw("") == Flaw::empty);
    CHECK(flaw("/etc/passwd") == Flaw::absolute);
    CHECK(flaw(std::string_view("a\0b", 3)) == Flaw::nul);
    for (const char* text : {"..", ".", "../a", "a/..", "a/../b", "./a", "a/."})
      CHECK(flaw(text) == Flaw::dot_component);
    for (const char* text : {"a/", "a//b"}) CHECK(flaw(text) == Flaw::empty_component);
    CHECK(flaw("RECENT-1h.yaml") == Flaw::bookkeeping);
  }

  TEST_CASE("what no mirror can make is too long: a name, or a whole path") {
    using Flaw = RelPath::Flaw;
    const std::string longest(255, 'x');
    for (const std::string& path : {longest, "d/" + longest, longest + "/e", "d/" + longest + "/e"}) {
      CHECK(flaw(path) == Flaw::none);
      CHECK(flaw(std::string(path).insert(path.find('x'), "x")) == Flaw::too_long);
    }
    std::string deep;
    while (deep.size() + 256 <= 4093) deep += longest + "/";
    deep += std::string(4093 - deep.size(), 'y');
    REQUIRE(deep.size() == 4093);
    CHECK(flaw(deep) == Flaw::none);
    CHECK(flaw(deep + "y") == Flaw::too_long);
    CHECK(flaw(longest + "/../x") == Flaw::dot_component);
  }

  TEST_CASE("a flaw is found wherever it stands in a long path") {
    for (std::size_t at = 1; at < 120; ++at) {
      const auto with = [&](std::string_view part) {
        return flaw(std::string(at, 'd').append(part).append(std::string(120 - at, 'e')));
      };
      CHECK(with("/../") == RelPath::Flaw::dot_component);
      CHECK(with("/./") == RelPath::Flaw::dot_component);
      CHECK(with("//") == RelPath::Flaw::empty_component);
      CHECK(with(std::string_view("\0", 1)) == RelPath::Flaw::nul);
      CHECK(with("/.hidden/..two/") == RelPath::Flaw::none);
      CHECK(flaw(std::string(at, 'd') + "/..") == RelPath::Flaw::dot_component);
      CHECK(flaw(std::string(at, 'd') + "/") == RelPath::Flaw::empty_component);
      CHECK(flaw(std::string(at, 'd') + '\0') == RelPath::Flaw::nul);
    }
  }

  TEST_CASE("names are bytes: anything else is allowed") {
    for (const char* text : {"...", "..a", "a/.b", " ", "\n", "-x", "\xFF\xFE", "a\\b", "a/b/c.tar.gz"}) {
      CHECK(flaw(text) == RelPath::Flaw::none);
    }
  }

  TEST_CASE("parse keeps the text and takes it apart") {
    const auto deep = RelPath::parse("id/A/x.tar.gz", k_recent);
    REQUIRE(deep);
    CHECK(deep->text() == "id/A/x.tar.gz");
    CHECK(deep->parent() == "id/A");
    CHECK(deep->name() == "x.tar.gz");
    const auto flat = RelPath::parse("x", k_recent);
    REQUIRE(flat);
    CHECK(flat->parent().empty());
    CHECK(flat->name() == "x");
    CHECK(*deep < *flat);
  }

  TEST_CASE("parse tells the flaw, and clears it when there is none") {
    RelPath::Flaw found = RelPath::Flaw::none;
    CHECK_FALSE(RelPath::parse("/x", k_recent, &found));
    CHECK(describe(found) == "absolute path");
    CHECK(RelPath::parse("x", k_recent, &found));
    CHECK(found == RelPath::Flaw::none);
  }

  TEST_CASE("names that may be unfinished files of rsync are told from those that are content") {
    for (const char* text : {".~tmp~", "d/.~tmp~/x", "a/.~tmp~/.x.abc123"}) {
      CAPTURE(text);
      CHECK(unfinished_by_name(text) == Unfinished::surely);
    }
    for (const char* text : {".a.tar.gz.x9Ab3Z", "d/.b.aBcDeF", ".zshrc.bak123", ".env.v1beta"}) {
      CAPTURE(text);
      CHECK(unfinished_by_name(text) == Unfinished::perhaps);
    }
    for (const char* text :
         {"a.tar.gz.x9Ab3Z", ".profile.backup", ".log.202401", ".a.TARGET", ".x9Ab3Z", "..x9Ab3Z", ".a.x9Ab3",
          ".a.x9Ab3Zz", ".a.x9A-3Z", "~tmp~", "d/.~tmp~x", "d", "a/.x.abc123/below", "x.~tmp~/y"}) {
      CAPTURE(text);
      CHECK(unfinished_by_name(text) == Unfinished::no);
    }
  }

  TEST_CASE("a mirror's private place is bookkeeping at any depth, and nothing that resembles it") {
    for (const char* text : {".recentd", ".recentd/state", "CPAN/.recentd", "a/b/.recentd/own/x.yaml"}) {
      CAPTURE(text);
      CHECK(k_recent.owns(text));
      CHECK(RelPath::check(text, k_recent) == RelPath::Flaw::bookkeeping);
    }
    for (const char* text : {"a.recentd", "a/.recentd2/x", "a/x.recentd/y", ".recentds", "d/.recent/x"}) {
      CAPTURE(text);
      CHECK_FALSE(k_recent.owns(text));
      CHECK(RelPath::check(text, k_recent) == RelPath::Flaw::none);
    }
  }
}
