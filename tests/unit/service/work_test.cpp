#include "service/work.hpp"

#include <doctest/doctest.h>

#include "support/fake_clock.hpp"
#include "support/tools/temp_tree.hpp"

using namespace recentd;
using namespace recentd::service;
using namespace std::chrono_literals;

namespace {

// Notes the state in each of some waits; then it is time to stop.
class Witness : public test::FakeClock {
 public:
  Witness(const StatusBoard& board, std::size_t waits)
      : FakeClock(1'700'000'000), board_(board), waits_(waits) {}
  std::vector<TreeStatus> seen;

  void sleep_for(std::chrono::nanoseconds duration) override {
    FakeClock::sleep_for(duration);
    seen.push_back(board_.read());
    if (seen.size() == waits_) stop_.request();
  }
  [[nodiscard]] const Stop& stop() const override { return stop_; }

 private:
  const StatusBoard& board_;
  std::size_t waits_;
  Stop stop_;
};

}  // namespace

TEST_SUITE("service::work") {
  TEST_CASE("a tree whose upstreams are all down is never said to be well") {
    const test::TempTree place;
    settings::TreeConfig tree;
    tree.mirror.source = "rsync://127.0.0.1:1/m";
    tree.mirror.other_sources = {"rsync://127.0.0.1:2/m"};
    tree.mirror.target = place.path("target");
    tree.mirror.poll.probe_interval = 1s;
    StatusBoard board;
    Witness clock(board, 40);
    work(tree, clock, board);
    REQUIRE(clock.seen.size() == 40);
    for (const auto& status : clock.seen) {
      if (&status == &clock.seen.front()) continue;  // all were looked at, and none was asked yet
      CHECK(status.state == TreeState::retrying);
      CHECK(status.failures > 0);
      CHECK(status.message.find("Connection refused") != std::string::npos);
      CHECK_FALSE(status.last_good.has_value());
    }
  }
}
