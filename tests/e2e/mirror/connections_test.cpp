// Several connections, limits of the line, and fresh files that overtake a backlog.

#include <csignal>
#include <filesystem>
#include <random>

#include <doctest/doctest.h>

#include "support/tools/slow_link.hpp"
#include "support/upstream.hpp"

using namespace recentd::test;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {

void fill(Upstream& upstream, int files, std::size_t bytes) {
  for (int i = 0; i < files; ++i)
    upstream.put("d" + std::to_string(i % 20) + "/f" + std::to_string(i),
                 std::string(bytes, 'x') + std::to_string(i));
  upstream.init();
}

std::vector<std::string> mirror_command(const std::string& url, const std::string& target,
                                        const std::vector<std::string>& options) {
  std::vector<std::string> words = {RECENTD_PROGRAM, "mirror", url, target};
  words.insert(words.end(), options.begin(), options.end());
  return words;
}

// Nothing that compression could shorten.
std::string noise(std::size_t bytes) {
  std::mt19937_64 random(7);
  std::string text(bytes, '\0');
  for (auto& c : text) c = static_cast<char>(random());
  return text;
}

// Whether some of the large file has come, and not all: rsync has it beside its place, a web server's in
// ours.
bool is_under_way(const Upstream& upstream) {
  std::error_code none;
  const auto is_begun = [&](const std::string& directory, const std::string& start) {
    for (const auto& entry : fs::directory_iterator(directory, none))
      if (entry.path().filename().string().starts_with(start) && entry.file_size(none) > 0) return true;
    return false;
  };
  return is_begun(upstream.path("m/d"), ".large.") || is_begun(upstream.path("m/.recentd/parts"), "");
}

int files_below(const std::string& directory) {
  std::error_code gone;
  int count = 0;
  for (auto it = fs::recursive_directory_iterator(directory, gone);
       !gone && it != fs::recursive_directory_iterator(); it.increment(gone))
    count += it->path().string().find("/.recentd") == std::string::npos && it->is_regular_file(gone) ? 1 : 0;
  return count;
}

}  // namespace

TEST_SUITE("e2e::connections") {
  TEST_CASE("--connections transfers batches side by side, never more than it says, and ends equal") {
    Upstream upstream;
    fill(upstream, 400, 100);
    for (const int connections : {1, 4}) {
      SlowLink line(upstream.server().port(), 20ms);
      const bool http = TreeServer::over_http();
      const auto url =
          (http ? "http://127.0.0.1:" : "rsync://127.0.0.1:") + std::to_string(line.port()) + "/pub";
      const auto target = "m" + std::to_string(connections);
      const auto result = run_program(
          mirror_command(url, upstream.path(target),
                         {"--connections", std::to_string(connections), "--max-files-per-connection", "50"}));
      CHECK(result.exit_code == 0);
      CHECK(upstream.difference(target) == "");
      CHECK(line.peak() == connections);
      if (!http) CHECK(line.connections() >= 9);  // each call is one
    }
  }

  TEST_CASE("a killed mirror with several connections goes on where it was") {
    Upstream upstream;
    fill(upstream, 600, 2000);
    auto options = slow_line(300);
    options.insert(options.end(), {"--connections", "3", "--max-files-per-connection", "100"});
    Program mirror(mirror_command(upstream.url(), upstream.path("m"), options));
    REQUIRE(eventually([&] { return upstream.place().exists("m/.recentd/state"); }));
    mirror.send(SIGKILL);
    CHECK(mirror.wait().exit_code == 128 + SIGKILL);
    const auto kept = fs::last_write_time(upstream.path("m/.recentd/state"));
    CHECK(upstream.mirror("m", {"--connections", "3"}).exit_code == 0);
    CHECK(upstream.difference("m") == "");
    CHECK(fs::last_write_time(upstream.path("m/.recentd/state")) > kept);
  }

  TEST_CASE("a small file that is announced while a large one takes its time comes past it") {
    for (const int connections : {1, 4}) {
      CAPTURE(connections);
      Upstream upstream;
      upstream.put("a", "1");
      upstream.init();
      REQUIRE(upstream.mirror("m").exit_code == 0);
      upstream.put("d/large", noise(12'000'000));
      upstream.announce();
      Program mirror(mirror_command(upstream.url(), upstream.path("m"),
                                    {"--loop", "--ttl", "0.5", "--min-poll-interval", "0.2", "--bwlimit",
                                     "200K", "--connections", std::to_string(connections)}));
      REQUIRE(eventually([&] { return is_under_way(upstream); }));
      upstream.put("d/small", "urgent");
      upstream.put("other/small", "urgent");
      upstream.put("d/large too", noise(100'000));
      upstream.remove("a");
      upstream.announce();
      CHECK(eventually(
          [&] { return upstream.place().exists("m/d/small") && upstream.place().exists("m/other/small"); }));
      CHECK(is_under_way(upstream));
      CHECK_FALSE(upstream.place().exists("m/d/large"));
      CHECK(upstream.place().exists("m/a"));  // no index tells its delete here yet
      mirror.send(SIGTERM);
      CHECK(mirror.wait().exit_code == 0);
      CHECK(upstream.mirror("m").exit_code == 0);
      CHECK(upstream.difference("m") == "");
    }
  }

  TEST_CASE("a file that is new at the origin overtakes the backlog of a first copy") {
    Upstream upstream;
    fill(upstream, 3000, 4000);
    Program mirror(
        mirror_command(upstream.url(), upstream.path("m"),
                       {"--loop", "--ttl", "0.2", "--max-files-per-connection", "100", "--bwlimit", "600K"}));
    REQUIRE(eventually([&] { return files_below(upstream.path("m")) > 200; }));
    upstream.put("fresh", "news");
    upstream.announce();
    CHECK(eventually([&] { return upstream.place().exists("m/fresh"); }, 5s));
    CHECK(files_below(upstream.path("m")) < 3000);
    CHECK_FALSE(upstream.place().exists("m/RECENT-Z.yaml"));
    mirror.send(SIGTERM);
    CHECK(mirror.wait(10s).exit_code == 0);
  }

  TEST_CASE("--bwlimit holds for all connections together") {
    Upstream upstream;
    for (int i = 0; i < 4; ++i) upstream.put("f" + std::to_string(i), std::string(200'000, 'x'));
    upstream.init();
    const auto took = [&](const std::string& target, const std::vector<std::string>& options) {
      const auto start = std::chrono::steady_clock::now();
      CHECK(upstream.mirror(target, options).exit_code == 0);
      CHECK(upstream.difference(target) == "");
      return std::chrono::steady_clock::now() - start;
    };
    const std::vector<std::string> limited = {"--connections", "2",   "--max-files-per-connection", "1",
                                              "--bwlimit",     "400K"};
    // 0.8 MB at 400 KiB/s; rsync lets the first bytes of each call through at once.
    CHECK(took("limited", limited) > 1s);
    auto timetable = limited;
    timetable.back() = "00:00-24:00 400K, else unlimited";
    const auto with_timetable = took("timetable", timetable);
    CHECK(with_timetable > 1s);
    timetable.back() = "unlimited";
    CHECK(took("free", timetable) < with_timetable);
  }
}
