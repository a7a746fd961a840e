#include <doctest/doctest.h>

#include <recentd/late_patterns.hpp>

using recentd::LatePatterns;

namespace {

LatePatterns of(std::initializer_list<const char*> words) {
  LatePatterns late;
  for (const char* word : words) CHECK(late.add(word));
  return late;
}

}  // namespace

TEST_SUITE("model::late_patterns") {
  TEST_CASE("without a word the lists of every archive that is known are late, and no package is") {
    const LatePatterns late;
    for (const char* list : {"dists/sid/InRelease", "dists/sid/main/binary-amd64/Packages.xz",
                             "dists/sid/main/by-hash/SHA256/ab12", "ls-lR.gz", "9/os/repodata/repomd.xml",
                             "core/os/x86_64/core.db", "core/os/x86_64/core.db.tar.gz.sig",
                             "modules/02packages.details.txt.gz", "authors/id/A/AB/ABH/CHECKSUMS",
                             "v3.20/main/x86_64/APKINDEX.tar.gz", "tlpkg/texlive.tlpdb.xz", "FILES.byname"})
      CHECK_MESSAGE(late.match(list), list);
    for (const char* file : {"pool/main/h/hello/hello_2.10-3_amd64.deb", "9/os/Packages/h/hello.rpm",
                             "x/repodata", "core/os/x86_64/linux-6.1.pkg.tar.zst",
                             "authors/id/A/AB/ABH/Foo-1.0.tar.gz", "a.apk", "README", "by-hash", "a.db.c"})
      CHECK_MESSAGE(!late.match(file), file);
  }

  TEST_CASE("what is said takes the place of that, and none of it all") {
    const auto arch = of({"arch"});
    CHECK(arch.match("x/core.db"));
    CHECK_FALSE(arch.match("dists/sid/InRelease"));
    CHECK(of({"none"}).empty());
    CHECK_FALSE(of({"none"}).match("InRelease"));
    const auto both = of({"alpine", "*.index"});
    CHECK(both.match("APKINDEX.tar.gz"));
    CHECK(both.match("d/a.index"));
    CHECK_FALSE(both.match("x/core.db"));
    CHECK(of({"arch"}) == arch);
    CHECK_FALSE(LatePatterns() == arch);
  }

  TEST_CASE("patterns are held against the last name, the end of the path, or a directory's name") {
    CHECK(of({"index.[hx]*"}).match("a/index.html"));
    CHECK_FALSE(of({"index.[hx]*"}).match("a/index.txt"));
    CHECK(of({"a?c"}).match("d/abc"));
    CHECK(of({"lists/*.txt"}).match("x/lists/a.txt"));
    CHECK(of({"lists/*.txt"}).match("lists/a.txt"));
    CHECK_FALSE(of({"lists/*.txt"}).match("lists/b/a.txt"));
    CHECK_FALSE(of({"lists/*.txt"}).match("mylists/a.txt"));
    CHECK(of({"/top/*"}).match("top/a"));
    CHECK_FALSE(of({"/top/*"}).match("x/top/a"));
    CHECK(of({"meta/"}).match("x/meta/y/z"));
    CHECK_FALSE(of({"meta/"}).match("x/metal/y"));
    CHECK_FALSE(of({"meta/"}).match("x/meta"));
    CHECK(of({"/meta/"}).match("meta/x"));
  }

  TEST_CASE("what is no pattern is refused, and changes nothing") {
    LatePatterns late;
    for (const std::string& word :
         {std::string(), std::string("/"), std::string("*"), std::string("[a"), std::string(4097, 'x')})
      CHECK_FALSE(late.add(word));
    CHECK(late == LatePatterns());
  }
}
