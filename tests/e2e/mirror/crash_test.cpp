// A mirror that is killed at any moment goes on where it was.

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>
#include <thread>

#include <doctest/doctest.h>
#include <sys/stat.h>

#include "support/service.hpp"
#include "support/snapshot.hpp"
#include "support/upstream.hpp"

using namespace recentd::test;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {

constexpr unsigned k_seed = 4711;
constexpr int k_files = 5000;

// The content files in a mirror; rsync's temporary ones are no content.
Snapshot arrived(const Upstream& upstream, const std::string& target) {
  auto all = snapshot(upstream.path(target));
  std::erase_if(all, [&](const auto& entry) {
    return !S_ISREG(entry.second.mode) || !upstream.place().exists("origin/" + entry.first) ||
           entry.first.starts_with("RECENT");
  });
  return all;
}

// What had arrived before and is not as it was: somebody transferred it again.
std::string touched(const Snapshot& before, const Snapshot& after) {
  std::string lines;
  for (const auto& [name, facts] : before) {
    const auto found = after.find(name);
    if (found == after.end() || found->second.inode != facts.inode || found->second.ctime != facts.ctime)
      lines += name + "\n";
  }
  return lines;
}

void fill(Upstream& upstream, int files) {
  for (int i = 0; i < files; ++i)
    upstream.put("d" + std::to_string(i % 50) + "/f" + std::to_string(i),
                 std::string(1000, 'x') + std::to_string(i));
}

// Kills mirrors of `target` until one gets through or the kills are used up; each time looks at what it left.
class Killer {
 public:
  Killer(Upstream& upstream, std::vector<std::string> options)
      : upstream_(upstream), options_(std::move(options)) {}

  void torment(const std::string& target, int& kills) {
    while (kills > 0) {
      const auto before = arrived(upstream_, target);
      Program mirror(command(target));
      std::this_thread::sleep_for(std::chrono::milliseconds(random_() % 1500));
      if (!mirror.running()) break;
      mirror.send(SIGKILL);
      --kills;
      if (random_() % 2 == 0) {  // the others meet the orphan
        CHECK(eventually([&] { return rsyncs_for(upstream_.path(target)) == 0; }, 5s));
      }
      const auto after = arrived(upstream_, target);
      CHECK(touched(before, after) == "");
      CHECK(after.size() >= before.size());
      mirror.wait();
    }
  }

  [[nodiscard]] std::vector<std::string> command(const std::string& target) const {
    std::vector<std::string> words = {RECENTD_PROGRAM, "mirror", upstream_.url(), upstream_.path(target)};
    words.insert(words.end(), options_.begin(), options_.end());
    return words;
  }

 private:
  Upstream& upstream_;
  std::vector<std::string> options_;
  std::mt19937 random_{k_seed};
};

}  // namespace

TEST_SUITE("e2e::crash") {
  TEST_CASE("a first mirror of 5,000 files that is killed again and again goes on and ends equal") {
    Upstream upstream;
    fill(upstream, k_files);
    upstream.init();
    int kills = std::getenv("RECENTD_LONG") != nullptr ? 50 : 10;
    MESSAGE("seed ", k_seed, ", ", kills, " kills");
    // Slow enough that the kills find it at work; small batches, so that they find it between two as well.
    auto options = slow_line(2000);
    options.insert(options.end(), {"--max-files-per-connection", "700"});
    Killer killer(upstream, options);
    for (int round = 0; kills > 0; ++round) {
      const auto target = "m" + std::to_string(round);
      fs::create_directories(upstream.path(target));
      killer.torment(target, kills);
      const auto before = arrived(upstream, target);
      const auto result = run_program(killer.command(target));
      CHECK(but_for_first_copy(result.err) == "");
      CHECK(result.exit_code == 0);
      CHECK(touched(before, arrived(upstream, target)) == "");
      CHECK(upstream.difference(target) == "");  // also no temporary file of rsync
    }
  }

  TEST_CASE("a mirror killed while it applies changes and deletes ends equal") {
    Upstream upstream;
    for (int i = 0; i < 600; ++i) upstream.put("f" + std::to_string(i), "first");
    upstream.init();
    REQUIRE(upstream.mirror("mirror").exit_code == 0);
    std::mt19937 random(k_seed);
    for (int round = 0; round < 6; ++round) {
      for (int i = 0; i < 600; i += 2) {
        const auto name = "f" + std::to_string(i);
        if (round % 2 == 0)
          upstream.remove(name);
        else
          upstream.put(name, "round " + std::to_string(round));
      }
      upstream.announce();
      Program mirror(
          {RECENTD_PROGRAM, "mirror", "--max-delete", "none", upstream.url(), upstream.path("mirror")});
      std::this_thread::sleep_for(std::chrono::milliseconds(random() % 500));
      mirror.send(SIGKILL);
      mirror.wait();
      const auto result = upstream.mirror("mirror", {"--max-delete", "none"});
      CHECK(but_for_first_copy(result.err) == "");
      CHECK(result.exit_code == 0);
      CHECK(upstream.difference("mirror") == "");
    }
  }

  TEST_CASE("no rsync of a killed mirror is left some seconds later") {
    Upstream upstream;
    fill(upstream, 1500);
    upstream.init();
    Program mirror({RECENTD_PROGRAM, "mirror", "--rsync-option", "bwlimit=200", upstream.url(),
                    upstream.path("mirror")});
    REQUIRE(eventually([&] { return upstream.place().exists("mirror/d0"); }));
    CHECK(rsyncs_for(upstream.path("mirror")) > 0);
    mirror.send(SIGKILL);
    CHECK(eventually([&] { return rsyncs_for(upstream.path("mirror")) == 0; }, 5s));
    const auto before = snapshot(upstream.path("mirror"));
    std::this_thread::sleep_for(500ms);
    CHECK(changes(before, snapshot(upstream.path("mirror"))) == "");
    mirror.wait();
  }

  TEST_CASE("what a killed rsync left is taken away, by the mirror or, if that was killed too, by the next") {
    Upstream upstream;
    upstream.init();
    upstream.put("d/.big.aB3dE4", "content that looks like it");
    upstream.announce();
    REQUIRE(upstream.mirror("mirror").exit_code == 0);
    upstream.put("d/big", std::string(4'000'000, 'x'));
    upstream.announce();
    const auto left = [&] { return leftovers_in(upstream.place(), "mirror").size(); };
    const std::vector<std::string> command = {RECENTD_PROGRAM, "mirror",       "--rsync-option",
                                              "bwlimit=500",   upstream.url(), upstream.path("mirror")};
    for (const bool mirror_too : {false, true}) {
      REQUIRE(left() == 1);
      Program mirror(command);
      REQUIRE(eventually([&] { return left() == 3; }));  // with what is noted of it
      if (mirror_too) mirror.send(SIGSTOP);
      kill_rsyncs_for(upstream.path("mirror"));
      if (mirror_too) mirror.send(SIGKILL);
      mirror.wait();
      CHECK(left() == (mirror_too ? 3 : 1));
    }
    CHECK(upstream.mirror("mirror").err == "");
    CHECK(left() == 1);
    CHECK(upstream.difference("mirror") == "");
  }

  TEST_CASE("an upstream that dies in the middle of a transfer is survived") {
    Upstream upstream;
    fill(upstream, 1500);
    upstream.init();
    std::vector<std::string> command = {RECENTD_PROGRAM, "mirror", upstream.url(), upstream.path("mirror")};
    for (const auto& word : slow_line(300)) command.push_back(word);
    Program mirror(command);
    REQUIRE(eventually([&] { return upstream.place().exists("mirror/d0"); }));
    upstream.server().stop();
    const auto result = mirror.wait(60s);
    CHECK(result.exit_code == 6);
    CHECK_FALSE(upstream.place().exists("mirror/RECENT.recent"));
    upstream.server().start();
    const auto before = arrived(upstream, "mirror");
    CHECK(upstream.mirror("mirror").exit_code == 0);
    CHECK(touched(before, arrived(upstream, "mirror")) == "");
    CHECK(upstream.difference("mirror") == "");
  }
}
