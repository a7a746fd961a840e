// A mirror equals its origin after every kind of change, over a real daemon.

#include <array>
#include <csignal>
#include <cstdlib>
#include <thread>

#include <doctest/doctest.h>
#include <sys/stat.h>

#include "support/upstream.hpp"

using namespace recentd::test;

namespace {

// Names that have broken index formats, file lists, shells and terminals before.
constexpr std::array<std::string_view, 27> k_odd_names = {"plain.txt",
                                                          "with space",
                                                          " leading and trailing ",
                                                          "'single' \"double\"",
                                                          "#hash",
                                                          ";semi;colon",
                                                          "-rf",
                                                          "--delete",
                                                          "\xc3\xbcml\xc3\xa4ut \xe2\x98\x83",
                                                          "latin1-\xfc\xff",
                                                          "new\nline",
                                                          "cr\r",
                                                          "tab\ttab",
                                                          "back\\slash",
                                                          "\\#012",
                                                          "\\#012-\\#134",
                                                          ".hidden",
                                                          "* [glob]? {a,b}",
                                                          "$(id) `id` &|",
                                                          "null",
                                                          "1e3",
                                                          "key: value",
                                                          "x\" failed: No such file or directory (2)",
                                                          "x\" -> \"plain.txt",
                                                          "file has vanished: \"plain.txt\"",
                                                          "No space left on device (28)",
                                                          "~"};

std::string odd_name(std::size_t i) {
  const auto name = std::string(k_odd_names[i % k_odd_names.size()]);
  return i < k_odd_names.size() ? name : "d" + std::to_string(i % 37) + "/" + name + std::to_string(i);
}

void put_odd_tree(Upstream& upstream, std::size_t files) {
  for (std::size_t i = 0; i < files; ++i) upstream.put(odd_name(i), "content " + std::to_string(i));
  upstream.put("empty file", "");
  upstream.put_link("link to file", "plain.txt");
  upstream.put_link("d1/link up", "../with space");
  upstream.put_link("dangling", "not/there");
  upstream.put_link("odd \n link", "#hash");
}

// Announces, mirrors, and compares.
void follow(Upstream& upstream, const std::string& target = "mirror") {
  upstream.announce();
  const auto result = upstream.mirror(target);
  CHECK(result.exit_code == 0);
  CHECK(but_for_first_copy(result.err) == "");
  CHECK(upstream.difference(target) == "");
}

}  // namespace

TEST_SUITE("e2e::equality") {
  TEST_CASE("a tree of 2,000 oddly named files is copied and followed through changes and deletes") {
    const std::size_t files = std::getenv("RECENTD_LONG") != nullptr ? 20000 : 2000;
    Upstream upstream;
    put_odd_tree(upstream, files);
    upstream.init();
    // It looks like a temporary of rsync's; who announces it means it.
    upstream.put(".hidden.aB3dE4", "content");
    upstream.announce();
    const auto first = upstream.mirror("mirror");
    REQUIRE(but_for_first_copy(first.err) == "");
    REQUIRE(first.exit_code == 0);
    REQUIRE(upstream.difference("mirror") == "");
    CHECK(upstream.place().list("mirror/.recentd/incoming").empty());

    for (std::size_t i = 0; i < files; i += 5) upstream.put(odd_name(i), "changed " + std::to_string(i));
    follow(upstream);
    for (std::size_t i = files; i < files + 100; ++i) upstream.put(odd_name(i), "new");
    follow(upstream);
    for (std::size_t i = 0; i < files; i += 3) upstream.remove(odd_name(i));
    follow(upstream);
    upstream.aggregate();
    follow(upstream);
  }

  TEST_CASE("every level of the mirror's index is that of its origin, byte for byte") {
    Upstream upstream;
    put_odd_tree(upstream, 60);
    upstream.init();
    upstream.put("later", "x");
    upstream.announce();
    upstream.aggregate();
    REQUIRE(upstream.mirror("mirror").exit_code == 0);
    for (const auto* interval : {"1h", "6h", "1d", "1W", "1M", "1Q", "1Y", "Z"}) {
      const std::string name = std::string("/RECENT-") + interval + ".yaml";
      CAPTURE(name);
      REQUIRE(upstream.place().exists("origin" + name));
      CHECK(upstream.place().read("mirror" + name) == upstream.place().read("origin" + name));
    }
    CHECK(upstream.place().link("mirror/RECENT.recent") == "RECENT-1h.yaml");
  }

  TEST_CASE("an index in JSON is followed just so") {
    Upstream upstream;
    put_odd_tree(upstream, 60);
    upstream.init({"--serializer-suffix", ".json"});
    follow(upstream);
    upstream.put(odd_name(9), "changed");
    upstream.remove(odd_name(10));
    upstream.put("another new\nline", "x");
    follow(upstream);
    CHECK(upstream.place().link("mirror/RECENT.recent") == "RECENT-1h.json");
  }

  TEST_CASE("an overwrite of equal size, within a second, or even with an equal time, arrives") {
    Upstream upstream;
    upstream.put("a", "aaaa");
    upstream.put("b", "aaaa");
    upstream.put("c", "aaaa");
    upstream.init();
    follow(upstream);
    struct stat before {};
    REQUIRE(::stat((upstream.root() + "/c").c_str(), &before) == 0);
    upstream.put("a", "bbbb");
    upstream.put("b", "bbbb");
    upstream.put("c", "bbbb");
    upstream.place().set_mtime("origin/c", before.st_mtim.tv_sec, before.st_mtim.tv_nsec);
    upstream.place().set_mtime("origin/b", before.st_mtim.tv_sec, 999999999);
    follow(upstream);
    CHECK(upstream.place().read("mirror/c") == "bbbb");
  }

  TEST_CASE("new, delete and new of one path between two polls ends as new") {
    Upstream upstream;
    upstream.put("other", "x");
    upstream.init();
    follow(upstream);
    upstream.put("path", "first");
    upstream.announce();
    upstream.remove("path");
    upstream.announce();
    upstream.put("path", "second");
    follow(upstream);
    CHECK(upstream.place().read("mirror/path") == "second");
    upstream.remove("path");
    upstream.announce();
    upstream.put("path", "third!");
    upstream.announce();
    upstream.remove("path");
    follow(upstream);
    CHECK_FALSE(upstream.place().exists("mirror/path"));
  }

  TEST_CASE("new, delete and new of one path are followed poll by poll") {
    Upstream upstream;
    upstream.put("other", "x");
    upstream.init();
    follow(upstream);
    for (int round = 0; round < 3; ++round) {
      upstream.put("deep/er/path", "round " + std::to_string(round));
      follow(upstream);
      upstream.remove("deep/er/path");
      follow(upstream);
      CHECK_FALSE(upstream.place().exists("mirror/deep"));
    }
  }

  TEST_CASE("a directory becomes a file and a directory again") {
    Upstream upstream;
    upstream.put("d/one", "1");
    upstream.put("d/sub/two", "2");
    upstream.init();
    follow(upstream);
    upstream.remove("d");
    upstream.put("d", "a file now");
    follow(upstream);
    CHECK(upstream.place().read("mirror/d") == "a file now");
    upstream.remove("d");
    upstream.put("d/one", "1 again");
    upstream.put("d/three", "3");
    follow(upstream);
    upstream.remove("d");
    upstream.put("d", "announced in two steps");
    follow(upstream);
  }

  TEST_CASE("a directory becomes a file while the deletes are in a larger level already") {
    Upstream upstream;
    upstream.put("d/one", "1");
    upstream.put("d/two", "2");
    upstream.init({"--interval", "1s", "--aggregator", "1h,Z"});
    follow(upstream);
    upstream.remove("d");
    upstream.announce();
    upstream.aggregate();
    std::this_thread::sleep_for(std::chrono::milliseconds(1200));  // the principal spans one second
    upstream.put("d", "a file now");
    upstream.announce();
    upstream.aggregate();
    const auto result = upstream.mirror("mirror");
    CHECK(result.err.find("what is in the way of a file that is due is removed path=d") != std::string::npos);
    CHECK(result.exit_code == 0);
    CHECK(upstream.difference("mirror") == "");
  }

  TEST_CASE("files become links and links files, and links change their target") {
    Upstream upstream;
    upstream.put("file", "f");
    upstream.put("d/inner", "i");
    upstream.put_link("link", "file");
    upstream.put_link("dirlink", "d");
    upstream.init();
    follow(upstream);
    upstream.put_link("link", "d/inner");
    upstream.put_link("file", "link");
    follow(upstream);
    CHECK(upstream.place().link("mirror/link") == "d/inner");
    upstream.put("link", "a file");
    upstream.put("file", "a file, too");
    follow(upstream);
    upstream.remove("dirlink");
    upstream.put("dirlink/x", "the link's place is a directory now");
    follow(upstream);
    CHECK(upstream.place().read("mirror/d/inner") == "i");
  }

  TEST_CASE("a running mirror brings new, changed and deleted files within one poll") {
    Upstream upstream;
    upstream.put("keep", "k");
    upstream.put("change", "old");
    upstream.put("drop", "d");
    upstream.init();
    Program mirror({RECENTD_PROGRAM, "mirror", "--loop", "--quiet", "--ttl", "4", "--fsync", "none",
                    upstream.url(), upstream.path("mirror")});
    REQUIRE(eventually([&] { return upstream.place().exists("mirror/RECENT.recent"); }));
    REQUIRE(eventually([&] { return upstream.difference("mirror").empty(); }));
    upstream.put("fresh", "n");
    upstream.put("change", "new");
    upstream.remove("drop");
    upstream.announce();
    // One poll of 4 s and the transfer, less than two polls.
    CHECK(eventually([&] { return upstream.difference("mirror").empty(); }, std::chrono::milliseconds(7500)));
    mirror.send(SIGTERM);
    const auto result = mirror.wait(std::chrono::seconds(10));
    CHECK(result.exit_code == 0);
    CHECK(but_for_first_copy(result.err) == "");
  }

  TEST_CASE("a mirror that starts with another tree's remains ends equal after --prune") {
    Upstream upstream;
    upstream.put("a", "1");
    upstream.put("b/c", "2");
    upstream.init();
    upstream.place().write("mirror/stray", "s");
    upstream.place().write("mirror/b/stray", "s");
    upstream.place().write("mirror/a", "an older copy");
    REQUIRE(upstream.mirror("mirror", {"--prune"}).exit_code == 0);
    CHECK(upstream.difference("mirror") == "");
  }
}
