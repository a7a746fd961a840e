// Names of one file, with a real rsync.

#include <filesystem>

#include <doctest/doctest.h>

#include "support/upstream.hpp"

using namespace recentd::test;
namespace fs = std::filesystem;

namespace {

struct Links : Upstream {
  [[nodiscard]] bool linked(const std::string& a, const std::string& b) const {
    return fs::equivalent(path("mirror/" + a), path("mirror/" + b));
  }
  [[nodiscard]] bool is_equal() const { return difference("mirror").empty(); }
};

}  // namespace

TEST_SUITE("e2e::hard_links") {
  TEST_CASE("names of one file are names of one file here, by the option and by rsync's own") {
    for (const std::vector<std::string>& option : {std::vector<std::string>{"--hard-links"},
                                                   std::vector<std::string>{"--rsync-option", "hard-links"},
                                                   {}}) {
      Links upstream;
      upstream.put("a", "one content");
      fs::create_directory(upstream.root() + "/d");
      fs::create_hard_link(upstream.root() + "/a", upstream.root() + "/d/b");
      upstream.init();
      CHECK(upstream.mirror("mirror", option).exit_code == 0);
      CHECK(upstream.is_equal());
      CHECK(upstream.linked("a", "d/b") == !option.empty());
      CHECK(run_recentd({"verify", upstream.path("mirror"), "--against", upstream.url()}).exit_code == 0);
    }
  }

  TEST_CASE("what is written through one name later leaves the other as the index has it") {
    Links upstream;
    const std::vector<std::string> option = {"--hard-links"};
    upstream.put("a", "first");
    fs::create_hard_link(upstream.root() + "/a", upstream.root() + "/b");
    upstream.init();
    REQUIRE(upstream.mirror("mirror", option).exit_code == 0);
    REQUIRE(upstream.linked("a", "b"));
    upstream.put("a", "another one");
    upstream.announce();
    CHECK(upstream.mirror("mirror", option).exit_code == 0);
    CHECK(upstream.is_equal());
    CHECK_FALSE(upstream.linked("a", "b"));
    upstream.remove("b");
    upstream.announce();
    // Where one call has both.
    fs::create_hard_link(upstream.root() + "/a", upstream.root() + "/b");
    REQUIRE(run_recentd({"update", upstream.root(), "--new", "a", "--new", "b"}).exit_code == 0);
    CHECK(upstream.mirror("mirror", option).exit_code == 0);
    CHECK(upstream.is_equal());
    CHECK(upstream.linked("a", "b"));
  }

  TEST_CASE("a large first copy keeps them, too, and so does the way through the quarantine and back") {
    Links upstream;
    // With the two below they are one batch, and as many as it takes for a place of their own.
    for (int i = 0; i < 998; ++i) upstream.put("d/f" + std::to_string(i), "content " + std::to_string(i));
    fs::create_hard_link(upstream.root() + "/d/f1", upstream.root() + "/d/g1");
    fs::create_hard_link(upstream.root() + "/d/f2", upstream.root() + "/other");
    upstream.init();
    const std::vector<std::string> options = {"--hard-links", "--quarantine", upstream.path("quarantine")};
    REQUIRE(upstream.mirror("mirror", options).exit_code == 0);
    CHECK(upstream.is_equal());
    CHECK(upstream.linked("d/f1", "d/g1"));
    CHECK(upstream.linked("d/f2", "other"));
    upstream.remove("d/g1");
    upstream.announce();
    REQUIRE(upstream.mirror("mirror", options).exit_code == 0);
    CHECK_FALSE(upstream.place().exists("mirror/d/g1"));
    CHECK(upstream.place().read("mirror/d/f1") == "content 1");
    REQUIRE(run_recentd({"undo", upstream.path("mirror"), "d/g1"}).exit_code == 0);
    CHECK(upstream.linked("d/f1", "d/g1"));
  }
}
