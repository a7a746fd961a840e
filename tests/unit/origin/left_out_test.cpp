#include "origin/left_out.hpp"

#include <doctest/doctest.h>

using namespace recentd;

TEST_SUITE("origin::left_out") {
  TEST_CASE("names are counted, the first are spelled out, and the rest is a number") {
    LeftOut some, others;
    CHECK_FALSE(some.remark(LeftOut::Why::unfinished));
    for (const char* path : {"g", "b\n", "f", "a"}) some.note(LeftOut::Why::unfinished, path);
    for (const char* path : {"e", "c", "d"}) others.note(LeftOut::Why::unfinished, path);
    others.note(LeftOut::Why::bookkeeping, "RECENT.recent.bak");
    some.add(others);
    CHECK(some.count() == 8);
    const auto remark = *some.remark(LeftOut::Why::unfinished);
    CHECK(remark.find("7 names are left out") == 0);
    CHECK(remark.find(": a, b\\x0A, c, d, e and 2 more;") != std::string::npos);
    CHECK(some.remark(LeftOut::Why::bookkeeping)->find("1 name is left out") == 0);
  }

  TEST_CASE("of the names that the root keeps for the index, those that nobody of us makes are told") {
    for (const char* name : {".FRMRecent-notes", "RECENT.recent.bak", "RECENT.recent.lock.1",
                             "RECENT.recent.1.tar", "RECENT-1h.yaml.lock.old", "RECENT.recent.init2"}) {
      CAPTURE(name);
      CHECK(LeftOut::is_stray(name, "RECENT"));
    }
    for (const char* name : {"RECENT.recent", "RECENT-1h.yaml", "RECENT-1h.yaml.new", "RECENT-1h.yaml.lock",
                             "RECENT.recent.4711", "RECENT.recent.lock.4711.1", "RECENT.recent.init",
                             "RECENT.recent.broken", "RECENT.tiers.json", ".recentd", "RECENT-x.rsig", "x"}) {
      CAPTURE(name);
      CHECK_FALSE(LeftOut::is_stray(name, "RECENT"));
    }
  }

  TEST_CASE("a tree inside is known by what its mirror or its index keep, and told once with what to do") {
    CHECK(LeftOut::inner_tree_of("CPAN/.recentd") == "CPAN");
    CHECK(LeftOut::inner_tree_of("a/b/RECENT.recent") == "a/b");
    for (const char* path : {".recentd", "RECENT.recent", "CPAN/x", "CPAN/.recent", "CPAN/RECENT.recent.bak"})
      CHECK_FALSE(LeftOut::inner_tree_of(path));
    LeftOut out;
    for (const char* path : {"CPAN", "CPAN", "b"}) out.note(LeftOut::Why::inner_tree, path);
    CHECK(out.count() == 0);
    const auto remark = *out.remark(LeftOut::Why::inner_tree);
    CHECK(remark.find("2 directories are trees of their own: CPAN, b;") == 0);
    CHECK(remark.find("--filter '- /CPAN/'") != std::string::npos);
  }

  TEST_CASE("lost+found is named, and counts for nothing") {
    LeftOut out;
    out.note(LeftOut::Why::lost_and_found, "lost+found");
    CHECK(out.count() == 0);
    CHECK(out.remark(LeftOut::Why::lost_and_found) ==
          "lost+found cannot be read, and is left out with all that is in it");
  }

  TEST_CASE("a mirror leaves inner trees alone as a whole, but for those that its index tells of") {
    LeftOut out;
    for (const char* path : {"CPAN", "authors"}) out.note(LeftOut::Why::inner_tree, path);
    CHECK(out.is_in_inner_tree("authors/x"));
    out.leave_inner_trees([](const std::string& directory) { return directory == "CPAN"; });
    CHECK(out.remark(LeftOut::Why::inner_tree) ==
          "1 directory is a tree of its own: CPAN; this mirror leaves alone all that is there");
    CHECK(out.is_in_inner_tree("CPAN/d/x"));
    for (const char* path : {"authors/x", "CPANx", "x"}) CHECK_FALSE(out.is_in_inner_tree(path));
  }
}
