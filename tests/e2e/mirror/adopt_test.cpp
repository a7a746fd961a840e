// A target that holds files already becomes a mirror, over a real daemon whose log counts the bytes.

#include <filesystem>

#include <doctest/doctest.h>

#include "support/upstream.hpp"

using namespace recentd::test;
namespace fs = std::filesystem;

namespace {

using Words = std::vector<std::string>;

constexpr int k_files = 40;
constexpr std::size_t k_bytes = 30'000;  // that do not compress to nothing

std::string content(int i) {
  std::string text;
  std::uint32_t x = static_cast<std::uint32_t>(i) + 1;
  while (text.size() < k_bytes) {
    x = x * 1664525 + 1013904223;
    text += static_cast<char>(x >> 24);
  }
  return text;
}

struct Scene {
  Scene() {
    for (int i = 0; i < k_files; ++i)
      upstream.put("d" + std::to_string(i % 4) + "/f" + std::to_string(i), content(i));
    upstream.put_link("link", "d0/f0");
    upstream.init();
    (void)upstream.place().make_directory("mirror");
  }
  void copy(Words command) {
    command.insert(command.end(), {upstream.root() + "/.", upstream.path("mirror")});
    REQUIRE(run_program(command).exit_code == 0);
  }
  // What the daemon has sent so far, by its own count.
  [[nodiscard]] std::uint64_t sent() {
    const auto log = upstream.daemon().log();
    std::uint64_t sum = 0;
    for (auto at = log.find("] sent "); at != std::string::npos; at = log.find("] sent ", at + 1))
      sum += std::stoull(log.substr(at + 7));
    return sum;
  }
  // A first run; returns the bytes that the daemon sent for it.
  std::uint64_t adopt(const Words& options = {}) {
    const auto before = sent();
    auto words = options;
    words.emplace_back("-v");
    result = upstream.mirror("mirror", words);
    CHECK(result.exit_code == 0);
    return sent() - before;
  }
  [[nodiscard]] bool said(const std::string& text) const {
    return result.err.find(text) != std::string::npos;
  }

  Upstream upstream;
  ProgramResult result;
};

constexpr std::uint64_t k_next_to_nothing = 40'000;  // names, indexes; the content is 1.2 MB

}  // namespace

TEST_SUITE("e2e::adopt") {
  TEST_CASE("what plain rsync -a or cp -a copied is not transferred again") {
    for (const auto& command : {Words{"rsync", "-a"}, Words{"cp", "-a"}}) {
      Scene scene;
      scene.copy(command);
      CHECK(scene.adopt() < k_next_to_nothing);
      CHECK(scene.said(" 0 files transferred, 41 unchanged"));
      CHECK_FALSE(scene.said("does not name"));
      CHECK(scene.upstream.difference("mirror") == "");
    }
  }

  TEST_CASE("what a Perl client left is adopted, and told with all else that the index does not name") {
    Scene scene;
    scene.copy({"rsync", "-a"});
    const auto& place = scene.upstream.place();
    (void)place.write("mirror/.FRMRecent-RECENT-1h.yaml-a1B2.yaml", "half an index");
    (void)place.write("mirror/d1/.f1.Xy12Zz", "rsync's own");
    (void)place.write("mirror/old/file", "deleted long ago");
    CHECK(scene.adopt() < k_next_to_nothing);
    CHECK(scene.said("files=3"));
    for (const auto* name : {".FRMRecent-RECENT", "d1/.f1.Xy12Zz", "old/file"}) CHECK(scene.said(name));
    CHECK(place.exists("mirror/old/file"));
    CHECK(scene.adopt() < k_next_to_nothing);
    CHECK_FALSE(scene.said("does not name"));  // once
    CHECK(scene.upstream.mirror("mirror", {"--prune", "--max-delete", "2"}).exit_code == 8);
    CHECK(place.exists("mirror/old/file"));
    CHECK(scene.upstream.mirror("mirror", {"--prune"}).exit_code == 0);
    CHECK_FALSE(place.exists("mirror/old"));
    CHECK_FALSE(place.exists("mirror/.FRMRecent-RECENT-1h.yaml-a1B2.yaml"));
    CHECK(scene.upstream.difference("mirror") == "");
  }

  TEST_CASE("a copy that lags behind gets only what differs") {
    Scene scene;
    scene.copy({"cp", "-a"});
    scene.upstream.put("d0/f0", content(1000));
    scene.upstream.put("new", "x");
    scene.upstream.remove("d1/f1");
    scene.upstream.announce();
    CHECK(scene.adopt() < k_next_to_nothing + k_bytes);
    CHECK(scene.said(" 2 files transferred, 39 unchanged, 1 deleted"));
    CHECK(scene.upstream.difference("mirror") == "");
  }

  TEST_CASE("--checksum believes content alone, be size and time the same or not") {
    Scene scene;
    scene.copy({"cp", "-r"});  // new times
    auto other = content(5);
    other[100] = static_cast<char>(other[100] + 1);
    const auto time = fs::last_write_time(scene.upstream.root() + "/d1/f5");
    (void)scene.upstream.place().write("mirror/d1/f5", other);
    fs::last_write_time(scene.upstream.path("mirror/d1/f5"), time);
    CHECK(scene.adopt({"--checksum"}) < k_next_to_nothing + k_bytes);
    CHECK(scene.said(" 1 file transferred, "));
    CHECK(scene.upstream.difference("mirror") == "");
  }

  TEST_CASE(
      "without --checksum a file of the same size and time counts as the same, and a first copy is no "
      "adoption") {
    Scene scene;
    scene.copy({"cp", "-a"});
    auto other = content(5);
    other[100] = static_cast<char>(other[100] + 1);
    const auto time = fs::last_write_time(scene.upstream.root() + "/d1/f5");
    (void)scene.upstream.place().write("mirror/d1/f5", other);
    fs::last_write_time(scene.upstream.path("mirror/d1/f5"), time);
    CHECK(scene.adopt() < k_next_to_nothing);
    CHECK(scene.upstream.place().read("mirror/d1/f5") == other);
    CHECK(scene.upstream.mirror("mirror", {"--checksum", "--reset-state"}).exit_code == 0);
    CHECK(scene.upstream.difference("mirror") == "");
    CHECK(scene.upstream.mirror("fresh").exit_code == 0);
    (void)scene.upstream.place().write("fresh/own", "mine");
    const auto again = scene.upstream.mirror("fresh");
    CHECK(again.err == "");
  }
}
