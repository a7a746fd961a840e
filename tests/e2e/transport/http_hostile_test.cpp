// Web servers and caches that give a mirror what is old, cut, forged, endless, or something else altogether.

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>

#include <doctest/doctest.h>

#include "support/tools/bad_web_server.hpp"
#include "support/upstream.hpp"

using namespace recentd::test;
namespace fs = std::filesystem;

namespace {

using Words = std::vector<std::string>;
using Rules = BadWebServer::Rules;

const Words k_record = {"--record", "size,mtime"};
constexpr const char *k_index = "^RECENT[-.]", *k_principal = "^RECENT(-1h.yaml|.recent)$",
                     *k_levels = "^RECENT-[^1]|^RECENT-1[^h]", *k_versions = "\\.(versions|earlier)$",
                     *k_deltas = "\\.(delta|merge)$", *k_files = "^files/";

// An origin behind a server that misbehaves when it is told to, and a mirror that is up to date.
struct Scene {
  explicit Scene(const Words& options = {"--record", "size,mtime", "--http"}) {
    for (int i = 0; i < 180; ++i) upstream.put(name_of(i), "file " + std::to_string(i));
    upstream.init(options);
    server = std::make_unique<BadWebServer>(upstream.root());
    REQUIRE(follow().exit_code == 0);
    fs::copy(upstream.root(), upstream.path("yesterday"),
             fs::copy_options::recursive | fs::copy_options::copy_symlinks);
    for (const auto& entry : fs::recursive_directory_iterator(upstream.path("yesterday")))
      if (!entry.is_symlink())
        fs::last_write_time(
            entry, fs::last_write_time(upstream.root() +
                                       entry.path().string().substr(upstream.path("yesterday").size())));
  }
  [[nodiscard]] static std::string name_of(int number) {
    return "files/" + std::string(80, 'n') + std::to_string(number);
  }
  // News of a day: files come, change and go. With many of them the principal's delta is a file of its own.
  void change(int more = 0) {
    ++day;
    for (int i = 0; i < 4; ++i) {
      upstream.put(name_of(1000 * day + i), "new " + std::to_string(day));
      upstream.put(name_of(20 * day + i), "changed " + std::to_string(day));
    }
    upstream.remove(name_of(20 * day + 10));
    for (int i = 0; i < more; ++i) {
      std::string name = "files/";
      while (name.size() < 100) name += static_cast<char>('a' + random() % 26);
      upstream.put(name, "new " + std::to_string(day));
    }
    upstream.announce(k_record);
    upstream.aggregate();
  }
  ProgramResult follow(const Words& options = {}) const {
    Words words = {"mirror", server->url(), upstream.path("m"), "--fsync", "none", "--max-delete", "none"};
    words.insert(words.end(), options.begin(), options.end());
    return run_recentd(words);
  }
  // Under each name of the target are bytes that the origin has, or had.
  void check_bytes() const {
    for (const auto& entry : fs::recursive_directory_iterator(upstream.path("m/files"))) {
      const auto text = read_file(entry.path()).value_or("");
      CHECK_MESSAGE((text.starts_with("file ") || text.starts_with("new ") || text.starts_with("changed ")),
                    entry.path().string(), ": ", text.substr(0, 100));
    }
  }
  [[nodiscard]] std::string yesterday() const { return "from=" + upstream.path("yesterday"); }

  Upstream upstream;
  std::unique_ptr<BadWebServer> server;
  std::mt19937 random{20261201};
  int day = 0;
};

// What is asked for, and what becomes of it. Levels, and files of different last digits, meet different
// trouble at once.
std::vector<std::pair<const char*, Rules>> all_trouble() {
  const auto level = [](const char* interval) {
    return "RECENT-" + std::string(interval) + ".yaml.versions";
  };
  return {
      {"versions",
       {{level("1h"), "page"},
        {level("6h"), "page"},
        {level("1d"), "endless"},
        {level("1W"), "huge"},
        {level("1M"), "bomb"},
        {level("1Q"), "cut"},
        {level("1Y"), "forged"},
        {level("Z"), "other=RECENT.http/RECENT-6h.yaml.versions"}}},
      {"versions", {{k_versions, "other=RECENT-Z.yaml"}}},
      {"delta", {{k_deltas, "page"}}},
      {"delta", {{k_deltas, "endless"}}},
      {"delta", {{k_deltas, "bomb"}}},
      {"delta", {{k_deltas, "cut"}}},
      {"delta", {{k_deltas, "forged"}}},
      {"delta", {{k_deltas, "other=RECENT-6h.yaml"}}},
      {"RECENT.recent", {{k_index, "page"}}},
      {"RECENT.recent", {{k_index, "endless"}}},
      {"RECENT.recent", {{k_index, "huge"}}},
      {"RECENT.recent", {{k_index, "bomb"}}},
      {"RECENT.recent", {{k_index, "cut"}}},
      {"RECENT.recent", {{k_index, "tag"}}},
      {"RECENT.recent", {{k_index, "other=" + Scene::name_of(1)}}},
      {"RECENT.recent", {{".", "busy"}}},
      {"files/", {{k_files, "storm"}}},
      {"files/", {{"[02]$", "page"}, {"1$", "endless"}, {"3$", "huge"}}},
      {"files/", {{"[02]$", "bomb"}, {"1$", "cut"}, {"3$", "other=RECENT-Z.yaml"}}},
  };
}

long peak_kib(pid_t pid) {
  std::ifstream status("/proc/" + std::to_string(pid) + "/status");
  for (std::string line; std::getline(status, line);)
    if (line.starts_with("VmHWM:")) return std::atol(line.c_str() + 6);
  return 0;
}

}  // namespace

TEST_SUITE("e2e::http_hostile") {
  TEST_CASE("a cache that shows an index of yesterday with versions of today, and the other way round") {
    Scene scene;
    scene.change();
    // Yesterday's index, and all else of today: there is no news.
    scene.server->misbehave({{k_index, scene.yesterday()}});
    CHECK(scene.follow().exit_code == 0);
    CHECK(difference(scene.upstream.path("yesterday"), scene.upstream.path("m")) == "");
    // Today's principal, and levels or versions of yesterday: what is made of them is not taken, or fits.
    for (const auto& rules :
         {Rules{{k_versions, scene.yesterday()}}, Rules{{k_levels, scene.yesterday()}},
          Rules{{k_versions, scene.yesterday()}, {k_levels, scene.yesterday()}}, Rules{}}) {
      scene.server->misbehave(rules);
      const auto result = scene.follow();
      CHECK_MESSAGE(result.exit_code == 0, result.err);
      CHECK(scene.upstream.difference("m") == "");
      scene.change();
    }
    scene.server->misbehave({});
    CHECK(scene.follow().exit_code == 0);
    // A principal of yesterday after that of today is none to follow.
    for (const auto& rules : {Rules{{k_principal, scene.yesterday()}}, Rules{{k_index, scene.yesterday()}}}) {
      scene.server->misbehave(rules);
      const auto result = scene.follow();
      CHECK(result.exit_code == 8);
      CHECK(scene.upstream.difference("m") == "");
    }
  }

  TEST_CASE("files of yesterday under an index of today are not taken for those of today") {
    Scene scene;
    scene.upstream.put(Scene::name_of(7), "fil7 7");  // of the same size
    scene.upstream.place().set_mtime("yesterday/" + Scene::name_of(7), 784111777);
    scene.change();
    scene.server->misbehave({{k_files, scene.yesterday()}});
    const auto result = scene.follow();
    CHECK(result.exit_code == 9);
    CHECK(result.err.find("the server has a version of Sun, 06 Nov 1994 08:49:37 GMT under this name") !=
          std::string::npos);
    CHECK(scene.upstream.place().read("m/" + Scene::name_of(7)) == "file 7");
    scene.server->misbehave({});
    CHECK(
        eventually([&] { return scene.follow().exit_code == 0 && scene.upstream.difference("m").empty(); }));
  }

  TEST_CASE("a page to log in, in place of an index, or of each file: told, and no index without its files") {
    Scene scene;
    scene.change();
    scene.server->misbehave({{".", "page"}});
    const auto closed = scene.follow();
    CHECK(closed.exit_code == 4);
    CHECK_MESSAGE(closed.err.find("a page in HTML") != std::string::npos, closed.err);
    const auto before = scene.upstream.place().read("m/RECENT-1h.yaml");
    scene.server->misbehave({{k_files, "page"}});
    for (int i = 0; i < 3; ++i) {  // that many looks at a file are known to be in vain
      const auto result = scene.follow({"--max-delete", "3"});
      CHECK(result.exit_code != 0);
      CHECK_MESSAGE(result.err.find("bytes under this name, and the index records") != std::string::npos,
                    result.err);
      CHECK(scene.upstream.place().read("m/RECENT-1h.yaml") == before);
    }
    scene.check_bytes();
    scene.server->misbehave({});
    CHECK(
        eventually([&] { return scene.follow().exit_code == 0 && scene.upstream.difference("m").empty(); }));
  }

  TEST_CASE("a loop lives through all of it, in little memory, and never has a wrong byte") {
    Scene scene;
    Program loop({RECENTD_PROGRAM,
                  "mirror",
                  "--loop",
                  "--ttl",
                  "0.2",
                  "--loopinterval",
                  "0.2",
                  "--min-poll-interval",
                  "0.2",
                  "--max-index-size",
                  "2M",
                  "--retry-first",
                  "0.1",
                  "--retry-longest",
                  "0.2",
                  "--max-delete",
                  "none",
                  "--fsync",
                  "none",
                  scene.server->url(),
                  scene.upstream.path("m")});
    const auto is_equal = [&] { return scene.upstream.difference("m").empty(); };
    scene.change();
    REQUIRE(eventually(is_equal));
    const auto calm = peak_kib(loop.pid());
    for (const auto& [asked_for, rules] : all_trouble()) {
      CAPTURE(asked_for);
      CAPTURE(rules.front().second);
      const auto before = scene.server->requests().size();
      scene.server->misbehave(rules);
      scene.change(30);
      CHECK(
          eventually([&] { return scene.server->requests().find(asked_for, before) != std::string::npos; }));
      scene.check_bytes();
      scene.server->misbehave({});
      CHECK(eventually(is_equal));
      if (!loop.running() || case_failed()) break;
    }
    // What a sanitised program has freed stays with it.
    CHECK(peak_kib(loop.pid()) < calm + (program_is_sanitised() ? 512L << 10 : 32L << 10));
    loop.send(SIGTERM);
    const auto result = loop.wait();
    CHECK_MESSAGE(result.exit_code == 0, result.err);
  }

  TEST_CASE("a mirror that is killed again and again asks for no byte that it has") {
    Scene scene;
    std::string content;
    for (int i = 0; content.size() < 10U << 20; ++i) content += "file " + std::to_string(i) + "\n";
    scene.upstream.put("files/large", content);
    scene.upstream.place().set_mtime("origin/files/large", 784111777);
    scene.upstream.announce(k_record);
    std::mt19937 random(20261130);
    const auto parts = scene.upstream.path("m/.recentd/parts");
    const auto received = [&] {
      std::uintmax_t most = 0;
      std::error_code gone;
      for (const auto& entry : fs::directory_iterator(parts, gone))
        if (const auto size = entry.file_size(gone); !gone) most = std::max(most, size);
      return most;
    };
    const int kills = std::getenv("RECENTD_LONG") != nullptr ? 50 : 5;
    const auto step = content.size() / (static_cast<std::size_t>(kills) + 1);
    std::string expected;
    int killed = 0;
    for (; killed < kills && !scene.upstream.place().exists("m/files/large"); ++killed) {
      Program mirror({RECENTD_PROGRAM, "mirror", "--fsync", "none", "--bwlimit", "1M", scene.server->url(),
                      scene.upstream.path("m")});
      const auto enough = received() + 1 + random() % step;
      CHECK(eventually([&] { return !mirror.running() || received() >= enough; }));
      mirror.send(SIGKILL);
      mirror.wait();
      if (const auto bytes = received(); bytes > 0)
        expected += "files/large bytes=" + std::to_string(std::min(bytes, content.size() - 1)) + "-\n";
    }
    CHECK(killed > 1);
    const auto last = scene.follow();
    CHECK_MESSAGE(last.exit_code == 0, last.err);
    CHECK((scene.upstream.place().read("m/files/large") == content));
    std::istringstream lines(scene.server->requests());
    std::string ranges;
    for (std::string line; std::getline(lines, line);)
      if (line.starts_with("files/large ")) ranges += line + "\n";
    CHECK(ranges == expected);
    CHECK(scene.upstream.difference("m") == "");
  }
}
