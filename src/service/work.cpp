#include "service/work.hpp"

#include <memory>
#include <random>
#include <set>

#include <recentd/error.hpp>
#include <recentd/mirror.hpp>
#include <recentd/origin.hpp>
#include <recentd/watch.hpp>

#include "base/backoff.hpp"
#include "base/log.hpp"
#include "base/log_throttle.hpp"
#include "base/out_of_memory.hpp"
#include "base/text.hpp"
#include "service/status_observer.hpp"

namespace recentd::service {

namespace {

using settings::TreeConfig;

const Log k_log("service");

// What goes wrong before a round can begin, or with an aggregation: told with falling frequency, and tried
// again ever later.
class Patience {
 public:
  Patience(RetryTimes times, Clock& clock, StatusBoard& board)
      : times_(times), clock_(clock), board_(board), jitter_(std::random_device()()) {}

  // Notes the failure; returns how long to wait.
  std::chrono::nanoseconds failed(const Error& error) {
    const auto wait = backoff_.failed(times_, Trouble::unreachable, jitter_);
    board_.write([&](TreeStatus& status) {
      ++status.failures;
      status.message = error.what();
    });
    board_.enter(TreeState::retrying, clock_.now());
    if (const auto line = log_.note(error.what()))
      k_log.error(*line,
                  {{"retry_in_s", std::to_string(std::chrono::ceil<std::chrono::seconds>(wait).count())}});
    return wait;
  }
  void succeeded() {
    backoff_.succeeded();
    if (const auto line = log_.over()) k_log.warning(*line);
  }
  [[nodiscard]] std::uint64_t failures() const { return backoff_.failures(); }

 private:
  RetryTimes times_;
  Clock& clock_;
  StatusBoard& board_;
  Jitter jitter_;
  Backoff backoff_;
  LogThrottle log_;
};

bool may_pass(Kind kind) {
  return kind == Kind::missing || kind == Kind::io || kind == Kind::transport || kind == Kind::incomplete;
}

VerboseObserver::Output output_for(const settings::ReportOptions& report) {
  const bool tell = report.verbose || !report.verboselog.empty();
  return tell ? VerboseObserver::Output::everything : VerboseObserver::Output::nothing;
}

struct Follower {
  Follower(const TreeConfig& tree, Clock& clock, StatusBoard& board)
      : observer(output_for(tree.report), tree.mirror.target, tree.report.verboselog, board, clock),
        mirror(tree.mirror, clock, observer) {}
  StatusObserver observer;
  Mirror mirror;
};

// Nothing once a stop is requested. Somebody else's lock may be that of a job of cron's.
std::unique_ptr<Follower> start(const TreeConfig& tree, Clock& clock, StatusBoard& board) {
  const auto& options = tree.mirror;
  Patience patience({options.poll.retry_first, options.poll.retry_longest}, clock, board);
  while (!clock.stop().requested()) {
    try {
      auto follower = memory_is_io([&] { return std::make_unique<Follower>(tree, clock, board); });
      patience.succeeded();
      return follower;
    } catch (const Error& error) {
      if (clock.stop().requested()) break;
      const bool last = options.poll.max_errors >= 0 &&
                        static_cast<std::int64_t>(patience.failures()) + 1 >= options.poll.max_errors;
      if (last || (!may_pass(error.kind()) && error.kind() != Kind::locked)) throw;
      clock.sleep_for(patience.failed(error));
    }
  }
  return nullptr;
}

// What is remarked on a tree each time is told once.
std::function<void(const std::string&)> tell_once() {
  return [told = std::set<std::string>()](const std::string& message) mutable {
    if (told.insert(message).second) k_log.warning(message);
  };
}

void aggregate_once(const settings::OriginTask& task, const WriterOptions& writer, Clock& clock,
                    StatusBoard& board) {
  board.enter(TreeState::working, clock.now());
  auto origin = Origin::open(task.root, writer, clock, task.filenameroot);
  for (const auto& interval : origin.aggregate().merged_into)
    k_log.debug("level written", {{"interval", interval}});
  board.write([&](TreeStatus& status) {
    status.failures = 0;
    status.message.clear();
    status.last_good = clock.now();
    status.up_to_date = true;
  });
  board.enter(TreeState::waiting, clock.now());
}

// Shows on the board what a watcher does.
class WatchStatus : public WatchObserver {
 public:
  WatchStatus(StatusBoard& board, Clock& clock) : board_(board), clock_(clock) {}

  void ready(std::string_view) override { all_is_well(); }
  void registered(std::string_view, EventType type) override {
    board_.write(
        [&](TreeStatus& status) { ++(type == EventType::delete_ ? status.deleted : status.synced); });
  }
  void round_done() override {
    board_.write([](TreeStatus& status) { ++status.rounds; });
    all_is_well();
  }
  void trouble(std::string_view message) override {
    board_.write([&](TreeStatus& status) {
      ++status.failures;
      status.message = message;
      status.up_to_date = false;
    });
    board_.enter(TreeState::retrying, clock_.now());
  }

 private:
  void all_is_well() {
    board_.write([&](TreeStatus& status) {
      status.failures = 0;
      status.message.clear();
      status.last_good = clock_.now();
      status.up_to_date = true;
    });
    board_.enter(TreeState::waiting, clock_.now());
  }

  StatusBoard& board_;
  Clock& clock_;
};

// What cannot begin now may begin later.
void watch(const settings::OriginTask& task, Clock& clock, StatusBoard& board) {
  auto options = task.watching;
  options.filenameroot = task.filenameroot;
  options.aggregate = task.aggregate;
  auto writer = task.writer;
  writer.on_warning = [](const std::string& message) { k_log.warning(message); };
  Patience patience({std::chrono::seconds(1), std::chrono::seconds(300)}, clock, board);
  WatchStatus status(board, clock);
  while (!clock.stop().requested()) {
    try {
      memory_is_io([&] { Watch(task.root, options, writer, clock, status).run(); });
    } catch (const Error& error) {
      if (clock.stop().requested()) return;
      if (!may_pass(error.kind()) && error.kind() != Kind::locked && error.kind() != Kind::corrupt) throw;
      clock.sleep_for(patience.failed(error));
    }
  }
}

void aggregate(const settings::OriginTask& task, Clock& clock, StatusBoard& board) {
  Patience patience({std::chrono::seconds(1), std::chrono::seconds(300)}, clock, board);
  auto writer = task.writer;
  writer.on_warning = tell_once();
  while (!clock.stop().requested()) {
    const auto start = clock.steady();
    auto next = start + task.aggregate;
    try {
      memory_is_io([&] { aggregate_once(task, writer, clock, board); });
      patience.succeeded();
    } catch (const Error& error) {
      if (clock.stop().requested()) return;
      // A lock that somebody keeps, and an index that an operator has to mend, are no end.
      if (!may_pass(error.kind()) && error.kind() != Kind::locked && error.kind() != Kind::corrupt) throw;
      next = clock.steady() + patience.failed(error);
    }
    board.write([](TreeStatus& status) { ++status.rounds; });
    clock.sleep_for(next - clock.steady());
  }
}

}  // namespace

void work(const TreeConfig& tree, Clock& clock, StatusBoard& board) {
  if (tree.kind == TreeConfig::Kind::origin) {
    return tree.origin.watch ? watch(tree.origin, clock, board) : aggregate(tree.origin, clock, board);
  }
  if (const auto follower = start(tree, clock, board)) follower->mirror.run_loop();
}

}  // namespace recentd::service
