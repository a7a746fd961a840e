// Large files in parts: origins and mirrors that sign them, behind a real nginx that counts the bytes.

#include <filesystem>
#include <random>
#include <sstream>

#include <doctest/doctest.h>

#include "support/tools/nginx.hpp"
#include "support/upstream.hpp"

using namespace recentd::test;
namespace fs = std::filesystem;

namespace {

using Words = std::vector<std::string>;

const std::string k_conf = "    include " RECENTD_SOURCE_DIR "/conf/nginx-origin.conf;\n";
const char* const k_large = "images/large one.img";
constexpr std::size_t k_bytes = std::size_t{6} << 20;
const Words k_record = {"--record", "size,mtime"};

std::string noise(std::size_t bytes, unsigned seed) {
  std::mt19937_64 random(seed);
  std::string text(bytes, '\0');
  for (std::size_t i = 0; i + 8 <= bytes; i += 8) {
    const auto value = random();
    for (std::size_t k = 0; k < 8; ++k) text[i + k] = static_cast<char>(value >> (8 * k));
  }
  return text;
}

// A tree with one large file among small ones, behind nginx.
struct Scene {
  explicit Scene(const Words& options = {"--http", "--record", "size,mtime"}) {
    upstream.put(k_large, content);
    upstream.put("small", "small");
    upstream.init(options);
    if (options.front() == "--http") upstream.aggregate({"--force", "--http"});
  }
  // Some blocks here and there, and a few bytes more in between.
  void change(unsigned seed) {
    std::mt19937 random(seed);
    for (int i = 0; i < 20; ++i) content[random() % content.size()] ^= 1;
    content.insert(random() % content.size(), "more");
    upstream.put(k_large, content);
    upstream.put("small", "small " + std::to_string(seed));
  }
  void announce() { upstream.announce(k_record); }
  void follow(const Nginx& from, const std::string& target, const Words& options = {}) const {
    mirror(from, target, options);
    CHECK(upstream.difference(target) == "");
  }
  void mirror(const Nginx& from, const std::string& target, const Words& options = {}) const {
    Words words = {"mirror", from.url(), upstream.path(target), "--fsync", "none"};
    words.insert(words.end(), options.begin(), options.end());
    const auto result = run_recentd(words);
    CHECK_MESSAGE(result.exit_code == 0, result.err);
  }

  Upstream upstream;
  std::string content = noise(k_bytes, 1);
};

struct Traffic {
  std::uint64_t file = 0, signatures = 0;  // bytes with heads
  std::size_t whole = 0, parts = 0;        // answers of the large file
};

Traffic traffic(const Nginx& nginx) {
  Traffic sum;
  for (const auto& line : nginx.requests()) {
    std::istringstream words(line);
    std::string method, target, status;
    std::uint64_t bytes = 0;
    words >> method >> target >> status >> bytes;
    if (target.starts_with("/RECENT.http/blocks/")) sum.signatures += bytes;
    if (!target.starts_with("/images/")) continue;
    sum.file += bytes;
    ++(status == "206" ? sum.parts : sum.whole);
  }
  return sum;
}

}  // namespace

TEST_SUITE("e2e::http_blocks") {
  TEST_CASE("of a large file with scattered changes only these travel, over three tiers") {
    Scene scene;
    for (const char* place : {"a", "b"}) fs::create_directories(scene.upstream.path(place));
    Nginx origin(scene.upstream.root(), k_conf), first(scene.upstream.path("a"), k_conf),
        second(scene.upstream.path("b"), k_conf);
    scene.follow(origin, "a", {"--http"});
    scene.follow(first, "b", {"--http"});
    scene.follow(second, "c");
    CHECK(traffic(origin).whole == 1);
    for (unsigned round = 1; round <= 2; ++round) {
      scene.change(round);
      scene.announce();
      for (auto* nginx : {&origin, &first, &second}) nginx->forget_requests();
      scene.follow(origin, "a");
      scene.follow(first, "b");
      scene.follow(second, "c");
      for (const auto* nginx : {&origin, &first, &second}) {
        const auto sum = traffic(*nginx);
        CHECK(sum.whole == 0);
        CHECK(sum.parts > 10);
        CHECK(sum.file < 100'000);
        CHECK(sum.signatures > 50'000);
        CHECK(sum.signatures < 100'000);
      }
    }
  }

  TEST_CASE("a signature of another version, or a broken one, costs the whole file and nothing else") {
    Scene scene;
    Nginx nginx(scene.upstream.root(), k_conf);
    scene.follow(nginx, "m");
    scene.change(1);
    scene.announce();
    const auto place = scene.upstream.root() + "/RECENT.http";
    const auto signature = [&] {
      for (const auto& entry : fs::directory_iterator(place + "/blocks"))
        if (entry.path().filename() != "swept") return entry.path().string();
      FAIL("no signature");
      return std::string();
    };
    const auto old = read_file(signature()).value();
    // By a writer that signs nothing.
    fs::rename(place, scene.upstream.path("aside"));
    scene.change(2);
    scene.announce();
    fs::rename(scene.upstream.path("aside"), place);
    nginx.forget_requests();
    scene.follow(nginx, "m");
    CHECK(traffic(nginx).whole == 1);
    CHECK(traffic(nginx).parts == 0);
    scene.change(3);
    scene.announce();
    scene.upstream.place().write("origin/RECENT.http/blocks/" + fs::path(signature()).filename().string(),
                                 old.substr(0, old.size() / 2));
    nginx.forget_requests();
    scene.follow(nginx, "m");
    CHECK(traffic(nginx).whole == 1);
    // The command makes it right.
    const auto signed_now = run_recentd({"sign-blocks", scene.upstream.root(), "-v"});
    CHECK_MESSAGE(signed_now.exit_code == 0, signed_now.err);
    CHECK(signed_now.err.find("1 files signed") != std::string::npos);
    scene.change(4);
    scene.announce();
    nginx.forget_requests();
    scene.follow(nginx, "m");
    CHECK(traffic(nginx).whole == 0);
  }

  TEST_CASE("an index that records nothing is enough") {
    Scene scene({"--http"});
    Nginx nginx(scene.upstream.root(), k_conf);
    scene.mirror(nginx, "m");
    scene.change(1);
    scene.upstream.announce();
    nginx.forget_requests();
    scene.mirror(nginx, "m");
    CHECK((scene.upstream.place().read("m/" + std::string(k_large)) == scene.content));
    CHECK(traffic(nginx).whole == 0);
    CHECK(traffic(nginx).parts > 10);
  }

  TEST_CASE("without an offer a large file comes as a whole, and no signature is made") {
    Scene scene(k_record);
    Nginx nginx(scene.upstream.root(), k_conf);
    scene.follow(nginx, "m");
    scene.change(1);
    scene.announce();
    nginx.forget_requests();
    scene.follow(nginx, "m");
    CHECK(traffic(nginx).whole == 1);
    for (const char* place : {"origin/RECENT.http", "m/RECENT.http"})
      CHECK_FALSE(scene.upstream.place().exists(place));
  }

  TEST_CASE("signatures are no content, and sign-blocks says what it does") {
    Scene scene;
    const auto root = scene.upstream.root();
    auto result = run_recentd({"sign-blocks", root, "--dry-run"});
    CHECK(result.out == "would sign 1 files, and 0 are signed\n");
    CHECK_FALSE(scene.upstream.place().exists("origin/RECENT.http/blocks"));
    result = run_recentd({"sign-blocks", root});
    CHECK(result.exit_code == 0);
    CHECK(result.out.empty());
    CHECK(result.err.empty());
    CHECK(run_recentd({"sign-blocks", root, "--dry-run"}).out == "would sign 0 files, and 1 are signed\n");
    CHECK(run_recentd({"sign-blocks", root, "--dry-run", "--sig-min-size", "5"}).out ==
          "would sign 1 files, and 1 are signed\n");
    const auto fsck = run_recentd({"fsck", root, "--settle", "0"});
    CHECK_MESSAGE(fsck.exit_code == 0, (fsck.out + fsck.err));
    CHECK(run_recentd({"news", root}).out.find("RECENT.http") == std::string::npos);
    CHECK(scene.upstream.mirror("m", {"--prune"}).exit_code == 0);
    CHECK_FALSE(scene.upstream.place().exists("m/RECENT.http"));
    CHECK(run_recentd({"sign-blocks", scene.upstream.path("m")}).exit_code == 8);
  }
}
