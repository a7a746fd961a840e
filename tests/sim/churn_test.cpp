// Days of churn in a moment: an origin that changes while each name travels, two mirrors in a row that are
// killed at any operation and whose connections break, and their promise watched before each operation.

#include <cstdlib>
#include <memory>
#include <random>

#include <doctest/doctest.h>

#include <recentd/error.hpp>

#include "support/invariant_watcher.hpp"
#include "support/mirror_scene.hpp"
#include "sys/fault.hpp"

using namespace recentd;
using namespace recentd::test;

namespace {

const std::vector<std::string> k_levels = {"20s", "1m", "5m", "Z"};

struct Killed {};

// One of the mirrors.
struct Member {
  Member(const std::string& source, std::string name) : upstream(source), down(std::move(name)) {
    options.source = "simulated/";
    options.target = down.path();
    options.places.fsync = Fsync::none;
  }

  void restart(Clock& clock, Observer& observer) {
    kill_after = -1;
    pass.reset();
    const auto place = down.make_directory(".recentd");
    pass = std::make_unique<mirror::Pass>(options, upstream::split_source(options.source),
                                          mirror::Places{down.path(), place, place}, upstream, clock,
                                          observer, no_hooks);
  }

  SimulatedUpstream upstream;
  TempTree down;
  MirrorOptions options;
  mirror::HookPoints no_hooks;
  std::unique_ptr<mirror::Pass> pass;
  int kill_after = -1;  // so many operations on its disk from now; negative: not
  bool busy = false;
};

class Churn {
 public:
  explicit Churn(unsigned seed)
      : random_(seed), first_(origin_.up.path(), "first"), second_(first_.down.path(), "second") {
    origin_.settings.interval = k_levels.front();
    origin_.settings.aggregator.assign(k_levels.begin() + 1, k_levels.end());
    for (int i = 0; i < 30; ++i) change();
    announce();
    origin_.aggregate();
    for (Member* member : {&first_, &second_}) {
      member->options.poll.ttl = std::chrono::milliseconds(below(4) * 700);
      member->options.connect.max_files_per_connection = 1 + below(8);
      member->upstream.before_name = [this, member](const std::string&) { live(*member); };
      member->upstream.lets_overtake = seed % 2 == 0;
      member->restart(origin_.clock, origin_.recorder);
    }
    sys::set_fault_hook([this](std::string_view operation, std::string_view path) {
      for (Member* member : {&first_, &second_})
        if (path.starts_with(member->down.path() + "/")) touch(*member, operation, path);
      return 0;
    });
  }
  Churn(const Churn&) = delete;
  Churn& operator=(const Churn&) = delete;
  ~Churn() { sys::set_fault_hook({}); }

  void run(int passes) {
    for (int i = 0; i < passes && broken_promise.empty(); ++i) {
      pass(below(2) == 0 ? first_ : second_);
      live(first_);
      origin_.wait(below(5));
    }
  }

  // All is announced and nothing happens any more.
  bool settle() {
    for (Member* member : {&first_, &second_}) {
      member->kill_after = -1;
      member->upstream.before_name = {};
      member->upstream.break_after_names = -1;
    }
    announce();
    for (Member* member : {&first_, &second_}) {
      int left = 20;
      while (member->pass->run() != mirror::Pass::End::up_to_date && --left > 0) origin_.wait(700);
      if (left == 0) return false;
    }
    return true;
  }
  [[nodiscard]] std::vector<std::string> difference(int member) const {
    return differences(origin_.up.path(), (member == 1 ? first_ : second_).down.path());
  }

  std::string broken_promise;

 private:
  unsigned below(unsigned n) { return std::uniform_int_distribution<unsigned>(0, n - 1)(random_); }

  void change() {
    const auto path = "d" + std::to_string(below(3)) + "/f" + std::to_string(below(8));
    if (below(2) == 0 && origin_.up.exists(path)) {
      origin_.up.remove(path);
      unannounced_.emplace_back(path, EventType::delete_);
    } else {
      origin_.up.write(path, std::to_string(++version_));
      unannounced_.emplace_back(path, EventType::new_);
    }
  }

  void announce() {
    for (const auto& [path, type] : unannounced_) origin_.announce(path, type);
    unannounced_.clear();
  }

  // What may happen elsewhere while something travels to a member.
  void live(Member& member) {
    origin_.wait(below(10) * 0.1);
    const auto what = below(14);
    if (what < 2) change();
    if (what == 2) announce();
    if (what == 3) origin_.aggregate(below(2) == 0);
    if (what == 4 && &member == &second_) pass(first_);
  }

  void pass(Member& member) {
    if (member.busy) return;
    member.busy = true;
    member.kill_after = below(5) == 0 ? 1 + static_cast<int>(below(150)) : -1;
    member.upstream.break_after_names = below(5) == 0 ? static_cast<int>(below(12)) : -1;
    try {
      if (member.pass->run() == mirror::Pass::End::broken) origin_.wait(1);
      if (below(10) == 0) member.restart(origin_.clock, origin_.recorder);
    } catch (const Killed&) {
      member.restart(origin_.clock, origin_.recorder);
    } catch (const Error&) {  // its upstream has nothing to show yet
      member.restart(origin_.clock, origin_.recorder);
    }
    member.kill_after = -1;
    member.busy = false;
  }

  void touch(Member& member, std::string_view operation, std::string_view path) {
    if (operation == "rename" || operation == "unlink" || operation == "rmdir")
      check(member, operation, path);
    if (member.kill_after <= 0 || --member.kill_after > 0) return;
    member.kill_after = -1;
    throw Killed{};
  }

  void check(const Member& member, std::string_view operation, std::string_view at) {
    std::optional<std::string> state;
    for (const auto& [path, word] : newest_words(member.down.path(), k_levels)) {
      if (!word.present || member.down.exists(path) || !broken_promise.empty()) continue;
      if (!state) state = member.down.read(".recentd/state").value_or("");
      if (known_missing(*state, path)) continue;
      broken_promise = path + " is new at " + word.epoch + " and not there, before " +
                       std::string(operation) + " " + std::string(at);
    }
  }

  std::mt19937 random_;
  MirrorScene origin_;  // its mirror is not used
  Member first_, second_;
  std::vector<std::pair<std::string, EventType>> unannounced_;
  int version_ = 0;
};

}  // namespace

TEST_SUITE("sim::churn") {
  TEST_CASE("nothing is promised that is not there, whatever happens when") {
    const unsigned seeds = std::getenv("RECENTD_LONG") != nullptr ? 300 : 3;
    for (unsigned seed = 2; seed < 2 + seeds; ++seed) {
      CAPTURE(seed);
      Churn churn(seed);
      churn.run(60);
      CHECK(churn.broken_promise == "");
      if (!churn.broken_promise.empty()) continue;
      CHECK(churn.settle());
      CHECK(churn.difference(1) == std::vector<std::string>{});
      CHECK(churn.difference(2) == std::vector<std::string>{});
    }
  }
}
