// `recentd run` over time: what it tells its manager, and that nothing is lost or grows however often it is
// reloaded and ended.

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <vector>

#include <doctest/doctest.h>

#include "support/service_scene.hpp"
#include "support/tools/notify_socket.hpp"

using namespace recentd::test;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {

const bool k_long = std::getenv("RECENTD_LONG") != nullptr;

// The address sanitizer keeps what was freed, up to its own limit.
std::size_t growth_kb_max() {
  return std::size_t{1024} * (program_is_sanitised() ? 256 : 4);
}

// What a process has of the system's things.
struct Resources {
  std::size_t descriptors = 0, threads = 0, rss_kb = 0;
};

std::size_t entries_of(const std::string& directory) {
  std::size_t count = 0;
  std::error_code gone;
  for ([[maybe_unused]] const auto& entry : fs::directory_iterator(directory, gone)) ++count;
  return count;
}

std::size_t children_of(const std::string& process) {
  std::size_t count = 0;
  std::error_code gone;
  for (const auto& task : fs::directory_iterator(process + "/task", gone))
    count += count_of(read_file(task.path() / "children").value_or(""), " ");
  return count;
}

std::size_t rss_kb_of(const std::string& process) {
  const auto status = read_file(process + "/status").value_or("");
  const auto at = status.find("VmRSS:");
  return at == std::string::npos ? 0 : std::strtoul(status.c_str() + at + 6, nullptr, 10);
}

// What it has at rest. Beside an rsync that is under way, with its pipes, a look may meet a file that is read
// or written just then; what has leaked is there at each of many looks. Fails the test if there is always an
// rsync: a child that stays.
Resources resources_of(pid_t pid) {
  constexpr int k_looks = 60;
  const auto process = "/proc/" + std::to_string(pid);
  std::vector<Resources> seen;
  const auto look = [&] {
    if (children_of(process) > 0) return false;
    const Resources now{entries_of(process + "/fd"), entries_of(process + "/task"), rss_kb_of(process)};
    if (children_of(process) == 0) seen.push_back(now);
    return seen.size() >= k_looks;
  };
  REQUIRE(eventually(look, 60s));
  const auto least = [&](std::size_t Resources::*what) { return std::ranges::min(seen, {}, what).*what; };
  return {least(&Resources::descriptors), least(&Resources::threads), seen.back().rss_kb};
}

// Files that a pass makes for itself, over all mirrors.
std::size_t private_files(const ServiceScene& scene, int trees) {
  std::size_t count = 0;
  for (int i = 0; i < trees; ++i)
    count += scene.upstream.place().list("good" + std::to_string(i) + "/.recentd").size();
  return count;
}

void check_notifications(const std::string& name) {
  ServiceScene scene;
  NotifySocket manager(name);
  scene.service.configure(quick_mirrors({scene.good()}));
  scene.service.start({{"NOTIFY_SOCKET", name}, {"WATCHDOG_USEC", "1000000"}});
  CHECK(eventually([&] { return manager.has("READY=1"); }));
  CHECK(manager.messages().front() == "READY=1");
  CHECK(eventually([&] { return manager.has("STATUS=1 tree: 1 up to date"); }));
  CHECK(eventually([&] { return manager.has("WATCHDOG=1"); }));
  auto seen = manager.messages().size();
  CHECK(eventually([&] { return manager.has("WATCHDOG=1", seen); }, 2s));
  scene.service.reload();
  CHECK(eventually([&] { return manager.has("RELOADING=1\nMONOTONIC_USEC=", seen); }));
  CHECK(eventually([&] { return manager.has("READY=1", seen); }));
  seen = manager.messages().size();
  CHECK(scene.service.stop().exit_code == 0);
  CHECK(manager.has("STOPPING=1", seen));
  CHECK_FALSE(manager.has("READY=1", seen));
}

}  // namespace

TEST_SUITE("e2e::service_life") {
  TEST_CASE("a service manager hears of readiness, state, life, reload and end") {
    const TempTree place("notify");
    check_notifications(place.path("socket"));
  }

  TEST_CASE("a service manager may listen on an abstract socket") {
    check_notifications("@recentd-test-" + std::to_string(::getpid()));
  }

  TEST_CASE("reloads and ends in the middle of a transfer lose nothing and leave nothing behind") {
    ServiceScene scene;
    const auto& place = scene.upstream.place();
    const auto configure = [&](int round) {
      scene.service.configure(
          quick_mirrors({scene.good("good", {"rsync_option: bwlimit=300", "retry_first: 0.1",
                                             "max_files_per_connection: " + std::to_string(1000 + round)})}));
    };
    const auto in_transfer = [&] { return !leftovers_in(place, "good").empty(); };
    configure(0);
    scene.service.start();
    for (int round = 1, rounds = k_long ? 200 : 6; round <= rounds; ++round) {
      CAPTURE(round);
      scene.upstream.put("big" + std::to_string(round % 10), std::string(150'000 + round, 'x'));
      scene.upstream.announce();
      REQUIRE(eventually(in_transfer));
      configure(round);
      if (round % 2 == 0) {
        scene.service.reload();
        continue;
      }
      CHECK(scene.service.stop().exit_code == 0);
      // rsync's receiver ends a moment after the rsync that it belongs to.
      CHECK(eventually([&] { return rsyncs_for(scene.upstream.path("good")) == 0; }, 2s));
      CHECK(eventually([&] { return leftovers_in(place, "good").empty(); }, 2s));
      scene.service.start();
    }
    scene.service.configure(quick_mirrors({scene.good()}));
    scene.service.reload();
    CHECK(scene.follows("good", 20s));
    CHECK(eventually([&] { return scene.upstream.difference("good").empty(); }));
    CHECK(scene.service.stop().exit_code == 0);
    CHECK(leftovers_in(place, "good") == std::vector<std::string>{});
  }

  TEST_CASE("over many passes nothing grows: descriptors, children, temporary files, memory") {
    constexpr int k_trees = 3;
    const std::uint64_t passes = k_long ? 1000 : 36;
    ServiceScene scene;
    std::vector<std::string> entries;
    for (int i = 0; i < k_trees; ++i)
      entries.push_back(scene.good("good" + std::to_string(i), {"ttl: 0.3", "loopinterval: 0.3"}));
    scene.service.configure(quick_mirrors(entries));
    scene.service.start();
    const auto rounds = [&] {
      std::uint64_t sum = 0;
      for (int i = 0; i < k_trees; ++i)
        sum +=
            std::strtoull(scene.service.state_of("good" + std::to_string(i), "rounds").c_str(), nullptr, 10);
      return sum;
    };
    REQUIRE(scene.follows("good0"));
    REQUIRE(eventually([&] { return rounds() >= k_trees * 2; }));
    const auto before = resources_of(scene.service.pid());
    const auto files = private_files(scene, k_trees);
    for (auto now = rounds(), end = now + passes; now < end; now += passes / 4) {
      REQUIRE(scene.follows("good1"));
      REQUIRE(eventually([&] { return rounds() >= now + passes / 4; }, 120s));
    }
    const auto after = resources_of(scene.service.pid());
    CHECK(after.descriptors == before.descriptors);
    CHECK(after.threads == before.threads);
    CHECK(after.rss_kb <= before.rss_kb + growth_kb_max());
    CHECK(private_files(scene, k_trees) <= files + 8);
    CHECK(scene.service.stop().exit_code == 0);
    for (int i = 0; i < k_trees; ++i)
      CHECK(leftovers_in(scene.upstream.place(), "good" + std::to_string(i)) == std::vector<std::string>{});
  }
}
