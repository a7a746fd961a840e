// origin -> A -> B -> C, each behind a daemon of its own, while the origin changes and each mirror is killed
// at random, watched all the time.

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <memory>

#include <doctest/doctest.h>

#include "support/invariant_watcher.hpp"
#include "support/tools/churn.hpp"

using namespace recentd::test;
using namespace std::chrono_literals;
using Time = std::chrono::steady_clock::time_point;

namespace {

constexpr unsigned k_seed = 1864;

struct Extent {
  std::chrono::milliseconds duration;
  int kills;                           // of each member
  std::chrono::milliseconds downtime;  // the longest
};

Extent extent() {
  if (std::getenv("RECENTD_LONG") != nullptr) return {10min, 20, 5s};
  return {4s, 2, 300ms};
}

const std::vector<std::string> k_intervals = {"5s", "15s", "1m", "Z"};

// A mirror that dies and comes back, the daemon that serves it, and somebody who watches it.
class Member {
 public:
  Member(const Upstream& upstream, std::string name, std::string source, std::vector<std::string> options)
      : place_(upstream.place()),
        name_(std::move(name)),
        daemon_({{.name = name_, .path = place_.make_directory(name_), .exclude = "/.recentd/"}}),
        watcher_(place_.path(name_), k_intervals) {
    words_ = {RECENTD_PROGRAM, "mirror", "--loop", "--fsync", "none", std::move(source), place_.path(name_)};
    words_.insert(words_.end(), options.begin(), options.end());
    start();
    REQUIRE(eventually([&] { return place_.exists(name_ + "/RECENT-Z.yaml"); }));
  }

  // When it is killed.
  void plan(const Extent& extent, Time begin, std::mt19937& random) {
    for (int i = 0; i < extent.kills; ++i)
      kills_.push_back(begin + std::chrono::milliseconds(random() % extent.duration.count()));
    std::sort(kills_.rbegin(), kills_.rend());
  }
  // Kills or starts it, if it is time.
  void step(Time now, const Extent& extent, std::mt19937& random) {
    if (!down_ && !kills_.empty() && kills_.back() <= now) {
      kills_.pop_back();
      kill();
      back_at_ = now + std::chrono::milliseconds(random() % extent.downtime.count());
    } else if (down_ && back_at_ <= now) {
      start();
    }
  }
  void revive() {
    for (; !kills_.empty(); kills_.pop_back()) {
      if (down_) start();
      kill();
    }
    if (down_) start();
  }
  // Ends it, and checks what it had to say and what was seen.
  void end(int kills) {
    programs_.back()->send(SIGTERM);
    CHECK(programs_.back()->wait(10s).exit_code == 0);
    CHECK(programs_.size() == static_cast<std::size_t>(kills) + 1);
    for (const auto& program : programs_)
      if (program->err().find(" error ") != std::string::npos) FAIL_CHECK(program->err());
    CHECK(eventually([&] { return watcher_.looks() > 50; }));
    for (const auto& violation : watcher_.stop()) FAIL_CHECK(violation);
    CHECK(watcher_.changes() > 0);  // how many it sees is the machine's load
  }

  [[nodiscard]] std::string url() const { return daemon_.url(name_); }
  [[nodiscard]] const std::string& name() const { return name_; }

 private:
  void start() {
    programs_.push_back(std::make_unique<Program>(words_));
    down_ = false;
  }
  void kill() {
    Program& program = *programs_.back();
    if (!program.running()) FAIL(name_, " died of itself: ", program.err());
    program.send(SIGKILL);
    // Until then the target is its own, and the next one would be refused.
    (void)program.wait(10s);
    down_ = true;
  }

  const TempTree& place_;
  std::string name_;
  RsyncDaemon daemon_;
  InvariantWatcher watcher_;
  std::vector<std::string> words_;
  std::vector<std::unique_ptr<Program>>
      programs_;             // the dead ones too: what they started is not ended for them
  std::vector<Time> kills_;  // the next one last
  Time back_at_;
  bool down_ = false;
};

void churn(Upstream& upstream, std::vector<std::unique_ptr<Member>>& chain, const Extent& extent) {
  std::mt19937 random(k_seed);
  MESSAGE("seed ", k_seed, ", ", extent.kills, " kills of each of ", chain.size());
  const auto begin = std::chrono::steady_clock::now();
  for (auto& member : chain) member->plan(extent, begin, random);
  auto next_change = begin, next_force = begin + 2s;
  for (auto now = begin; now < begin + extent.duration; now = std::chrono::steady_clock::now()) {
    if (now >= next_change) {
      change_something(upstream, random);
      upstream.aggregate(now >= next_force ? std::vector<std::string>{"--force"}
                                           : std::vector<std::string>{});
      if (now >= next_force) next_force += 2s;
      next_change = now + std::chrono::milliseconds(random() % 200);
    }
    for (auto& member : chain) member->step(now, extent, random);
    sleep_a_moment();
  }
  for (auto& member : chain) member->revive();
}

}  // namespace

TEST_SUITE("e2e::chain") {
  TEST_CASE(
      "a chain of three mirrors that are killed again and again ends equal and never promises too much") {
    Upstream upstream;
    fill_for_churn(upstream);
    upstream.init({"--interval", "5s", "--aggregator", "15s,1m,Z"});
    std::vector<std::unique_ptr<Member>> chain;
    const std::vector<std::string> usual = {"--ttl", "1"};
    chain.push_back(std::make_unique<Member>(upstream, "a", upstream.url(), usual));
    chain.push_back(std::make_unique<Member>(upstream, "b", chain.back()->url(), usual));
    // One that has a principal due again after each batch.
    const std::vector<std::string> hasty = {"--ttl", "0.1", "--min-poll-interval", "0.1"};
    chain.push_back(std::make_unique<Member>(upstream, "c", chain.back()->url(), hasty));
    churn(upstream, chain, extent());
    for (const auto& member : chain) {
      CHECK(eventually([&] { return upstream.difference(member->name()).empty(); }, 30s));
      CHECK(upstream.difference(member->name()) == "");
    }
    for (const auto& member : chain) member->end(extent().kills);
  }
}
