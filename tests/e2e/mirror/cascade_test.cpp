// origin -> A -> B -> C while the origin changes, watched all the time.

#include <csignal>
#include <cstdlib>
#include <memory>
#include <random>

#include <doctest/doctest.h>

#include "support/invariant_watcher.hpp"
#include "support/tools/churn.hpp"

using namespace recentd::test;
using namespace std::chrono_literals;

namespace {

constexpr unsigned k_seed = 20241107;

std::chrono::seconds duration() {
  return std::getenv("RECENTD_LONG") != nullptr ? 120s : 10s;
}

// Three mirrors in a row, each with its daemon's module, its process, and its watcher.
class Cascade {
 public:
  explicit Cascade(std::vector<std::string> intervals)
      : upstream({{.name = "a", .path = "a", .exclude = "/.recentd/"},
                  {.name = "b", .path = "b", .exclude = "/.recentd/"}}),
        intervals_(std::move(intervals)) {}

  // One after the other, so that each finds its upstream complete.
  void start() {
    start_one("pub", "a");
    start_one("a", "b");
    start_one("b", "c");
  }

  [[nodiscard]] bool all_equal() const {
    return upstream.difference("a").empty() && upstream.difference("b").empty() &&
           upstream.difference("c").empty();
  }

  Upstream upstream;
  std::vector<std::unique_ptr<Program>> mirrors;
  std::vector<std::unique_ptr<InvariantWatcher>> watchers;

 private:
  void start_one(const std::string& module, const std::string& name) {
    watchers.push_back(std::make_unique<InvariantWatcher>(upstream.path(name), intervals_));
    mirrors.push_back(std::make_unique<Program>(
        std::vector<std::string>{RECENTD_PROGRAM, "mirror", "--loop", "--ttl", "1", "--fsync", "none",
                                 upstream.server().url(module), upstream.path(name)}));
    REQUIRE(eventually([&] { return upstream.place().exists(name + "/RECENT-Z.yaml"); }));
  }

  std::vector<std::string> intervals_;
};

void run(Cascade& cascade, std::chrono::milliseconds force_every) {
  std::mt19937 random(k_seed);
  MESSAGE("seed ", k_seed);
  const auto end = std::chrono::steady_clock::now() + duration();
  auto next_force = std::chrono::steady_clock::now() + force_every;
  while (std::chrono::steady_clock::now() < end) {
    change_something(cascade.upstream, random);
    const bool force = std::chrono::steady_clock::now() > next_force;
    if (force) next_force += force_every;
    cascade.upstream.aggregate(force ? std::vector<std::string>{"--force"} : std::vector<std::string>{});
    std::this_thread::sleep_for(std::chrono::milliseconds(random() % 150));
  }
  CHECK(eventually([&] { return cascade.all_equal(); }, 30s));
  for (const auto* name : {"a", "b", "c"}) CHECK(cascade.upstream.difference(name) == "");
}

void end(Cascade& cascade) {
  for (auto& mirror : cascade.mirrors) mirror->send(SIGTERM);
  for (auto& mirror : cascade.mirrors) {
    const auto result = mirror->wait(10s);
    CHECK(result.exit_code == 0);
    CAPTURE(result.err);
    CHECK(result.err.find(" error ") == std::string::npos);
  }
  for (auto& watcher : cascade.watchers) {
    CHECK(eventually([&] { return watcher->looks() > 50; }));
    for (const auto& violation : watcher->stop()) FAIL_CHECK(violation);
    CHECK(watcher->changes() > 2);
  }
}

}  // namespace

TEST_SUITE("e2e::cascade") {
  TEST_CASE("no mirror of a cascade ever promises a file that it has not, with levels of seconds") {
    Cascade cascade({"5s", "15s", "1m", "Z"});
    fill_for_churn(cascade.upstream);
    cascade.upstream.init({"--interval", "5s", "--aggregator", "15s,1m,Z"});
    cascade.start();
    run(cascade, 2s);
    // Truncation and merges really happened: the principal has lost what the larger levels still have.
    CHECK(newest_words(cascade.upstream.path("c"), {"5s"}).size() <
          newest_words(cascade.upstream.path("c"), {"5s", "15s", "1m", "Z"}).size());
    end(cascade);
  }

  TEST_CASE("no mirror of a cascade ever promises a file that it has not, with the default levels") {
    Cascade cascade({"1h", "6h", "1d", "1W", "1M", "1Q", "1Y", "Z"});
    fill_for_churn(cascade.upstream);
    cascade.upstream.init();
    cascade.start();
    run(cascade, 3s);
    end(cascade);
  }
}
