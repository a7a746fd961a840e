#include "base/place.hpp"

#include <doctest/doctest.h>

using namespace recentd;

namespace {

PlaceFacts at(const std::string& path) {
  PlaceFacts facts;
  facts.path = facts.wanted = path;
  facts.accounts = {{"root", "/root", true},
                    {"jane", "/srv/people/jane", true},
                    {"ftp", "/srv/ftp", false},
                    {"www", "/srv/www/home", false}};
  return facts;
}

PlaceFacts full(const std::string& path) {
  auto facts = at(path);
  facts.empty = false;
  return facts;
}

std::string against(const PlaceFacts& facts, Purpose purpose = Purpose::target) {
  return reason_against(facts, purpose).value_or("");
}

}  // namespace

TEST_SUITE("base::place") {
  TEST_CASE("the root, the system's directories and the kernel's are no place for a tree") {
    for (const auto purpose : {Purpose::target, Purpose::origin}) {
      CHECK(against(at("/"), purpose) == "is the root of all file systems");
      for (const char* path : {"/usr", "/etc", "/var", "/home", "/root", "/boot", "/bin", "/lib", "/usr/lib",
                               "/usr/share", "/var/lib", "/tmp", "/run"}) {
        CAPTURE(path);
        CHECK(against(at(path), purpose) == "is a directory of the system");
      }
      for (const char* path :
           {"/proc", "/proc/1/fd", "/sys", "/sys/kernel", "/dev", "/dev/shm", "/dev/disk"}) {
        CAPTURE(path);
        CHECK(against(at(path), purpose) == "belongs to the kernel");
      }
      CHECK(against(full("/dev/shm/tree"), purpose) == "");
      CHECK(against(full("/var/lib/tree"), purpose) == "");
      CHECK(against(full("/variety/tree"), purpose) == "");
    }
  }

  TEST_CASE("what lies directly in / is taken if it is empty, or a tree already") {
    CHECK(against(full("/data")) == "lies directly in / and is not empty");
    CHECK(against(at("/data")) == "");
    CHECK(against(full("/data/pub")) == "");
    auto ours = full("/data");
    ours.known = true;
    CHECK(against(ours) == "");
    // Files are there before they are indexed.
    CHECK(against(full("/data"), Purpose::origin) == "");
  }

  TEST_CASE("what the system keeps in its own directories is not mirrored over") {
    CHECK(against(full("/etc/ssh")) == "belongs to the system, and is not empty");
    CHECK(against(full("/usr/lib/modules")) == "belongs to the system, and is not empty");
    CHECK(against(at("/etc/new")) == "");
  }

  TEST_CASE(
      "somebody's home is refused, whatever is in it; that of a system's account if it holds something") {
    CHECK(against(at("/srv/people/jane")) == "is the home directory of 'jane'");
    CHECK(against(at("/srv/people/jane"), Purpose::origin) == "is the home directory of 'jane'");
    CHECK(against(full("/srv/people/jane/pub")) == "");
    CHECK(against(at("/srv/ftp")) == "");
    CHECK(against(full("/srv/ftp")) == "is the home directory of 'ftp'");
    auto linked = at("/mnt/1/jane");
    linked.wanted = "/srv/people/jane";
    CHECK(against(linked) == "is the home directory of 'jane'");
    auto ours = full("/srv/people/jane");
    ours.known = true;
    CHECK(against(ours) == "");
  }

  TEST_CASE("what holds homes or other trees is no target, and may be an origin") {
    CHECK(against(at("/srv/people")) == "holds the home directory of 'jane'");
    CHECK(against(full("/srv/www")) == "");
    auto parent = full("/srv/mirrors");
    parent.inner = {"/srv/mirrors/pub"};
    CHECK(against(parent) == "holds another tree, '/srv/mirrors/pub'");
    CHECK(against(parent, Purpose::origin) == "");
    auto place = full("/srv/deleted");
    place.quarantine = true;
    CHECK(against(place) == "is the quarantine of some target");
  }

  TEST_CASE("nobody's decision covers the root and the kernel's directories") {
    for (const char* path : {"/", "/proc", "/dev"}) {
      auto facts = full(path);
      facts.known = true;
      CHECK(against(facts) != "");
    }
  }

  TEST_CASE("an index shows in names of the root") {
    for (const char* name : {"RECENT.recent", "OTHER.recent", "RECENT-1h.yaml", "RECENT-Z.json"})
      CHECK(shows_index(name));
    for (const char* name : {".recent", "RECENT-1h.yaml.lock", "README-1h.yaml", "RECENT", "recent"})
      CHECK_FALSE(shows_index(name));
  }

  TEST_CASE("trees around and below are told") {
    auto facts = at("/srv/pub/CPAN");
    CHECK(overlaps(facts).empty());
    facts.outer = "/srv/pub";
    facts.inner = {"/srv/pub/CPAN/a", "/srv/pub/CPAN/b"};
    CHECK(overlaps(facts) == std::vector<std::string>{"lies inside another tree, '/srv/pub'",
                                                      "holds another tree, '/srv/pub/CPAN/a'",
                                                      "holds another tree, '/srv/pub/CPAN/b'"});
  }

  TEST_CASE("accounts are those of passwd(5), and people have high numbers") {
    const auto accounts = parse_accounts(
        "root:x:0:0:root:/root:/bin/bash\n"
        "sync:x:4:65534:sync:/bin:/bin/sync\n"
        "nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n"
        "jane:x:1000:1000:Jane,,,:/home/jane/:/bin/sh\n"
        "odd:x:1001:1001::/:/bin/sh\n"
        "cut:x:1002\n\n:x:1:1::/a:\nletters:x:y:1::/b:\n");
    REQUIRE(accounts.size() == 4);
    CHECK(accounts[0].person);
    CHECK_FALSE(accounts[1].person);
    CHECK_FALSE(accounts[2].person);
    CHECK(accounts[3].user == "jane");
    CHECK(accounts[3].home == "/home/jane");
    CHECK(accounts[3].person);
    CHECK(parse_accounts("").empty());
  }
}
