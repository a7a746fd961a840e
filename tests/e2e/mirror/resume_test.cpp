// Where one process stops the next one goes on, however the first one ended and whatever kind it is.

#include <csignal>
#include <filesystem>
#include <random>

#include <doctest/doctest.h>

#include "support/snapshot.hpp"
#include "support/tools/slow_link.hpp"
#include "support/upstream.hpp"

using namespace recentd::test;
namespace fs = std::filesystem;

namespace {

void make_origin(Upstream& upstream, int files = 20) {
  for (int i = 0; i < files; ++i) upstream.put("f" + std::to_string(i), "content " + std::to_string(i));
  upstream.init();
}

using Words = std::vector<std::string>;

Words command(const Upstream& upstream, const Words& options = {}) {
  Words words = {RECENTD_PROGRAM, "mirror", upstream.url(), upstream.path("mirror")};
  words.insert(words.end(), options.begin(), options.end());
  return words;
}

const Words k_loop = {"--loop", "--ttl", "0.3", "--min-poll-interval", "0.2"};

Words operator+(Words a, const Words& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

// Slow, in small batches, so that whoever wants to can end it in between.
const Words k_slow =
    slow_line(TreeServer::over_http() ? 250 : 1000) + Words{"--max-files-per-connection", "50"};

void make_large_origin(Upstream& upstream) {
  for (int i = 0; i < 400; ++i)
    upstream.put("d" + std::to_string(i % 9) + "/f" + std::to_string(i), std::string(3000, 'x'));
  upstream.init();
}

// The content that has arrived; unfinished files have other names.
Snapshot arrived(const Upstream& upstream) {
  auto all = snapshot(upstream.path("mirror"));
  std::erase_if(all, [&](const auto& entry) {
    return entry.second.bytes.size() != 3000 || !upstream.place().exists("origin/" + entry.first);
  });
  return all;
}

// Nothing that compression or a comparison of blocks could shorten.
std::string noise(std::size_t bytes) {
  std::mt19937_64 random(7);
  std::string text(bytes, '\0');
  for (auto& c : text) c = static_cast<char>(random());
  return text;
}

// How many of those before were written again.
int rewritten(const Snapshot& before, const Snapshot& after) {
  int count = 0;
  for (const auto& [name, facts] : before) {
    const auto found = after.find(name);
    count += found == after.end() || found->second.inode != facts.inode ? 1 : 0;
  }
  return count;
}

// The first program is ended in the middle of its work; the second one has to go on from there.
void hand_over(const Words& first, int signal, const Words& second, bool second_ends) {
  Upstream upstream;
  make_large_origin(upstream);
  fs::create_directory(upstream.path("mirror"));
  const auto words_of = [&](const Words& options) { return command(upstream, options); };
  Program one(words_of(first));
  REQUIRE(eventually([&] { return arrived(upstream).size() > 60; }));
  one.send(signal);
  one.wait();
  const auto before = arrived(upstream);
  REQUIRE(before.size() < 400);
  Program two(words_of(second));
  CHECK(eventually([&] {
    return upstream.place().exists("mirror/RECENT-Z.yaml") && upstream.difference("mirror").empty();
  }));
  if (second_ends) {
    CHECK(two.wait().exit_code == 0);
  } else {
    CHECK(two.running());
  }
  CHECK(rewritten(before, arrived(upstream)) == 0);
}

// The first poll of a process: one call of rsync, or a request for the link and one for the principal.
const int k_one_poll = TreeServer::over_http() ? 2 : 1;

// What a finished mirror costs when it is started in this way: connections, and files that are offered again.
void costs_one_poll(Upstream& upstream, const Words& words, bool ends) {
  const int before = upstream.server().asked();
  const auto content = arrived(upstream);
  Program program(words);
  if (ends) {
    CHECK(program.wait().exit_code == 0);
  } else {
    CHECK(eventually([&] { return upstream.server().asked() > before; }));
    sleep_a_moment();
    program.send(SIGTERM);
    CHECK(program.wait().exit_code == 0);
  }
  CHECK(upstream.server().asked() <= before + 2);
  CHECK(changes(content, arrived(upstream)) == "");
}

}  // namespace

TEST_SUITE("e2e::resume") {
  TEST_CASE("a state that was copied from another target is not believed") {
    Upstream upstream;
    make_origin(upstream);
    REQUIRE(upstream.mirror("first").exit_code == 0);
    fs::create_directory(upstream.path("second"));
    fs::copy(upstream.path("first/.recentd"), upstream.path("second/.recentd"), fs::copy_options::recursive);
    const auto result = upstream.mirror("second");
    CHECK(result.exit_code == 0);
    CHECK(result.err.find("another directory") != std::string::npos);
    CHECK(upstream.difference("second") == "");
    CHECK(upstream.mirror("second").err == "");
  }

  TEST_CASE("a target that is renamed keeps its state") {
    Upstream upstream;
    make_origin(upstream);
    REQUIRE(upstream.mirror("first").exit_code == 0);
    fs::rename(upstream.path("first"), upstream.path("second"));
    const int connections = upstream.server().asked();
    CHECK(upstream.mirror("second").err == "");
    CHECK(upstream.server().asked() == connections + k_one_poll);
  }

  TEST_CASE("a one-shot goes on where a killed loop stopped") {
    hand_over(k_loop + k_slow, SIGKILL, {}, true);
  }

  TEST_CASE("a loop goes on where a killed one-shot stopped") {
    hand_over(k_slow, SIGKILL, k_loop, false);
  }

  TEST_CASE("a loop goes on where a killed loop stopped") {
    hand_over(k_loop + k_slow, SIGKILL, k_loop, false);
  }

  TEST_CASE("a one-shot goes on where a terminated loop stopped, and the other way round") {
    hand_over(k_loop + k_slow, SIGTERM, {}, true);
    hand_over(k_slow, SIGTERM, k_loop, false);
  }

  TEST_CASE("daemon, cron job, rrr-client and `recentd run` share one state: each restart is one poll") {
    Upstream upstream;
    make_large_origin(upstream);
    REQUIRE(upstream.mirror("mirror").exit_code == 0);
    upstream.place().make_link("rrr-client", RECENTD_PROGRAM);
    const auto file = upstream.place().write(
        "recentd.yaml", "mirrors:\n  pub:\n    source: " + upstream.url() +
                            "\n    target: " + upstream.path("mirror") + "\n    ttl: 60\n");
    const Words loop = {"--loop", "--ttl", "60"};
    costs_one_poll(upstream, command(upstream), true);
    costs_one_poll(upstream, command(upstream, loop), false);
    costs_one_poll(upstream, {RECENTD_PROGRAM, "run", "-c", file}, false);
    costs_one_poll(
        upstream,
        {upstream.path("rrr-client"), "--source", upstream.url(), "--target", upstream.path("mirror")},
        false);
    costs_one_poll(upstream, command(upstream), true);
  }

  TEST_CASE("a change that came while nobody ran costs just itself, whoever starts next") {
    Upstream upstream;
    make_large_origin(upstream);
    REQUIRE(upstream.mirror("mirror").exit_code == 0);
    const auto before = arrived(upstream);
    upstream.put("new", "1");
    upstream.remove("d1/f1");
    upstream.announce();
    Program loop(command(upstream, k_loop));
    CHECK(eventually([&] { return upstream.difference("mirror").empty(); }));
    loop.send(SIGKILL);
    loop.wait();
    upstream.put("newer", "2");
    upstream.announce();
    CHECK(upstream.mirror("mirror").exit_code == 0);
    CHECK(upstream.difference("mirror") == "");
    CHECK(rewritten(before, arrived(upstream)) == 1);  // the one that is gone
  }

  TEST_CASE("a second process is refused and told who works there since when: loop, run, rrr-client") {
    Upstream upstream;
    make_origin(upstream);
    REQUIRE(upstream.mirror("mirror").exit_code == 0);
    upstream.place().make_link("rrr-client", RECENTD_PROGRAM);
    const auto file =
        upstream.place().write("recentd.yaml", "mirrors:\n  pub:\n    source: " + upstream.url() +
                                                   "\n    target: " + upstream.path("mirror") + "\n");
    for (const Words& holder : {command(upstream, {"--loop"}), Words{RECENTD_PROGRAM, "run", "-c", file},
                                Words{upstream.path("rrr-client"), "--source", upstream.url(), "--target",
                                      upstream.path("mirror")}}) {
      const int before = upstream.server().asked();
      Program first(holder);
      REQUIRE(eventually([&] { return upstream.server().asked() > before; }));
      const auto second = upstream.mirror("mirror");
      CHECK(second.exit_code == 5);
      for (const auto& words :
           {"process " + std::to_string(first.pid()), holder[1], std::string("since 20")}) {
        CAPTURE(second.err);
        CHECK(second.err.find(words) != std::string::npos);
      }
      CHECK(first.running());
      first.send(SIGTERM);
      first.wait();
    }
    CHECK(upstream.mirror("mirror").exit_code == 0);
  }

  TEST_CASE("who follows rarely looks at once when asked: loop, run, and a loop by SIGHUP") {
    Upstream upstream;
    make_origin(upstream);
    REQUIRE(upstream.mirror("mirror").exit_code == 0);
    const auto file = upstream.place().write(
        "recentd.yaml", "mirrors:\n  pub:\n    source: " + upstream.url() +
                            "\n    target: " + upstream.path("mirror") + "\n    ttl: 3600\n");
    for (const Words& holder :
         {command(upstream, {"--loop", "--ttl", "3600"}), Words{RECENTD_PROGRAM, "run", "-c", file}}) {
      const int before = upstream.server().asked();
      Program follower(holder);
      REQUIRE(eventually([&] { return upstream.server().asked() > before; }));
      for (const bool by_signal : {false, true}) {
        if (by_signal && holder[1] == "run") continue;
        CAPTURE(by_signal);
        upstream.put("news/" + holder[1] + (by_signal ? "2" : "1"), "x");
        upstream.announce();
        if (by_signal)
          follower.send(SIGHUP);
        else
          CHECK(upstream.mirror("mirror", {"--poll-now"}).exit_code == 0);
        CHECK(eventually([&] { return upstream.difference("mirror").empty(); }));
        CHECK(follower.running());
      }
      follower.send(SIGTERM);
      CHECK(follower.wait().exit_code == 0);
    }
    upstream.put("alone", "x");
    upstream.announce();
    CHECK(upstream.mirror("mirror", {"--poll-now"}).exit_code == 0);
    CHECK(upstream.difference("mirror") == "");
  }

  TEST_CASE("a single run that is asked to look again does, once it is through") {
    Upstream upstream;
    make_large_origin(upstream);
    fs::create_directory(upstream.path("mirror"));
    Program first(command(upstream, k_slow));
    REQUIRE(eventually([&] { return arrived(upstream).size() > 60; }));
    upstream.put("news", "x");
    upstream.announce();
    const auto second = upstream.mirror("mirror", {"--poll-now"});
    CHECK_MESSAGE(second.exit_code == 0, second.err);
    CHECK(first.wait().exit_code == 0);
    CHECK(upstream.difference("mirror") == "");
    CHECK_FALSE(upstream.place().exists("mirror/.recentd/bell"));
  }

  TEST_CASE("a lock whose holder was killed holds nobody up") {
    Upstream upstream;
    make_origin(upstream);
    Program first(command(upstream, k_loop));
    REQUIRE(eventually([&] { return upstream.place().exists("mirror/RECENT-Z.yaml"); }));
    first.send(SIGKILL);
    first.wait();
    Patience limit(std::chrono::seconds(5));
    CHECK(upstream.mirror("mirror").exit_code == 0);
    CHECK_FALSE(limit.over());
  }

  TEST_CASE("a large file comes over a line that drops, and hardly a byte of it twice") {
    if (TreeServer::over_http()) return;  // e2e::http has its own
    Upstream upstream;
    const auto large = noise(3'400'000);
    upstream.put("a", "1");
    upstream.put("large", large);
    upstream.put("z", "2");
    upstream.init();
    SlowLink line(upstream.daemon().port(), std::chrono::milliseconds(0));
    line.cut_after(1'200'000);
    const auto url = "rsync://127.0.0.1:" + std::to_string(line.port()) + "/pub";
    const auto result = run_recentd({"mirror", url, upstream.path("mirror")});
    CHECK_MESSAGE(result.exit_code == 0, result.err);
    CHECK(upstream.difference("mirror") == "");
    CHECK(line.bytes() < large.size() * 11 / 10);
    CHECK(upstream.place().list("mirror/.recentd/unfinished/partial").empty());
  }

  TEST_CASE(
      "a large file that no run has the time for gets further with each one, from a local directory, too") {
    if (TreeServer::over_http()) return;
    for (const bool local : {false, true}) {
      CAPTURE(local);
      Upstream upstream;
      upstream.put("large", noise(4'000'000));
      upstream.init();
      const auto source = local ? upstream.path("origin") : upstream.url();
      const auto part = upstream.path("mirror/.recentd/unfinished/partial/large");
      const auto size = [&] {
        std::error_code none;
        const auto bytes = fs::file_size(part, none);
        return none ? 0 : bytes;
      };
      std::uint64_t before = 0;
      for (int run = 0; run < 2; ++run) {
        CAPTURE(run);
        Program mirror({RECENTD_PROGRAM, "mirror", "--bwlimit", "1M", source, upstream.path("mirror")});
        // Its unfinished file grows beside where it belongs, or where the part is, as that rsync has it.
        REQUIRE(eventually([&] {
          if (size() > before + 600'000) return true;
          std::error_code none;
          for (const auto& entry : fs::directory_iterator(upstream.path("mirror"), none))
            if (entry.path().filename().string().starts_with(".large.") &&
                fs::file_size(entry.path(), none) > before + 600'000 && !none)
              return true;
          return false;
        }));
        mirror.send(run == 0 ? SIGTERM : SIGKILL);
        mirror.wait();
        // rsync ends a moment later.
        REQUIRE(eventually([&] { return size() > before; }));
        before = size();
      }
      CHECK(run_recentd({"mirror", source, upstream.path("mirror")}).exit_code == 0);
      CHECK(upstream.difference("mirror") == "");
      CHECK_FALSE(fs::exists(part));
    }
  }
}
