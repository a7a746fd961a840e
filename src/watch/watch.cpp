#include <algorithm>

#include <recentd/error.hpp>
#include <recentd/watch.hpp>

#include "base/log.hpp"
#include "base/log_throttle.hpp"
#include "base/text.hpp"
#include "origin/old_set.hpp"
#include "sys/wait.hpp"
#include "watch/settled.hpp"
#include "watch/watcher.hpp"

namespace recentd {

namespace {

using std::chrono::nanoseconds;
using watch::Watcher;

const Log k_log("watch");

constexpr nanoseconds k_alive_period = std::chrono::seconds(2);
constexpr nanoseconds k_tend_period = std::chrono::seconds(60);  // without aggregation
// Hints come in swarms: it is cheaper to let some gather.
constexpr nanoseconds k_nap = std::chrono::milliseconds(20);
constexpr int k_last_rounds = 16;
constexpr nanoseconds k_first_pause = std::chrono::seconds(1), k_longest_pause = std::chrono::seconds(60);
// File systems tell times by a coarser clock than ours.
constexpr nanoseconds k_clock_slack = std::chrono::seconds(2);

}  // namespace

void WatchObserver::ready(std::string_view) {}
void WatchObserver::registered(std::string_view, EventType) {}
void WatchObserver::round_done() {}
void WatchObserver::trouble(std::string_view) {}
void WatchObserver::alive() {}

struct Watch::Impl {
  Impl(std::string tree_arg, WatchOptions options_arg, WriterOptions writer_arg, Clock& clock_arg,
       WatchObserver& observer_arg)
      : tree(std::move(tree_arg)),
        options(std::move(options_arg)),
        writer(std::move(writer_arg)),
        clock(clock_arg),
        observer(observer_arg) {
    options.batch_size = std::max<std::size_t>(options.batch_size, 1);
  }

  void begin();
  void wait();
  void work();
  void round();
  void tend();
  void end();
  void save();
  void keep_mounts();
  void failed(const Error& error);
  [[nodiscard]] nanoseconds until_due() const;
  [[nodiscard]] bool stopping() const { return clock.stop().requested(); }

  const std::string tree;
  WatchOptions options;
  const WriterOptions writer;
  Clock& clock;
  WatchObserver& observer;

  std::optional<Watcher> watcher;
  std::string state_directory_;
  std::optional<TimePoint> settled;  // up to then the index tells all
  nanoseconds first_hint{0};         // of those that are pending
  nanoseconds next_tending{0}, again{0}, pause{0};
  std::string told;  // the last trouble
  ReminderThrottle seldom;
};

// Anew, too, when the root was another directory for a while, or the method will not do any more.
void Watch::Impl::begin() {
  const auto start = clock.now();
  const auto root = open_tree(tree, options.filenameroot).root;
  state_directory_ = state_directory(root, options.state_directory);
  const sys::Dir directory(root);
  const auto facts = directory.facts();
  const auto mounts = watcher ? watcher->mounts() : read_mounts(state_directory_, directory);
  if (!settled) settled = watch::read_settled(state_directory_, facts);
  std::optional<TimePoint> since;
  if (settled) since = *settled - k_clock_slack;
  watcher.emplace(tree, options, writer, clock, observer, since, mounts);
  if (watcher->complete()) settled = start;
  keep_mounts();
  next_tending = clock.steady();
  k_log.info("tree is watched", {{"root", root}, {"method", watcher->method()}});
  observer.ready(watcher->method());
}

nanoseconds Watch::Impl::until_due() const {
  const auto now = clock.steady();
  auto due = std::min(now + k_alive_period, next_tending);
  if (watcher && !watcher->pending().empty()) {
    const bool full = watcher->pending().full() || watcher->pending().size() >= options.batch_size;
    due = std::min(due, full ? now : first_hint + options.batch_delay);
  }
  return std::max(due, again) - now;
}

void Watch::Impl::wait() {
  const auto limit = std::min(until_due(), k_alive_period);
  if (limit <= nanoseconds::zero()) return;
  const int stop = clock.stop().fd();
  if (!watcher) return sys::wait_readable({stop}, limit);
  sys::wait_readable({stop, watcher->fd()}, limit);
  sys::wait_readable({stop}, std::min(k_nap, limit));
}

void Watch::Impl::round() {
  const auto before = clock.now();
  const bool was_empty = watcher->pending().empty();
  watcher->check_root();
  watcher->collect();
  if (was_empty) first_hint = clock.steady();
  if (!watcher->pending().empty()) {
    if (until_due() > nanoseconds::zero() && !stopping()) return;
    if (again > clock.steady() && !stopping()) return;
    watcher->work_off();
  }
  if (watcher->complete()) settled = before;
}

void Watch::Impl::tend() {
  if (clock.steady() < next_tending) return;
  const auto period = options.aggregate > nanoseconds::zero() ? options.aggregate : k_tend_period;
  next_tending = clock.steady() + period;
  watcher->tend();
  save();
}

void Watch::Impl::work() {
  try {
    if (!watcher) {
      if (clock.steady() < again) return;
      begin();
    }
    round();
    if (clock.steady() >= again) tend();
    if (watcher->outgrown() && watcher->pending().empty()) begin();
    if (!told.empty() && clock.steady() >= again) {
      k_log.warning("the trouble is over");
      told.clear();
      pause = nanoseconds::zero();
      seldom.over();
    }
  } catch (const Error& error) {
    if (error.kind() == Kind::internal) throw;
    failed(error);
  }
}

void Watch::Impl::failed(const Error& error) {
  pause = std::clamp(pause * 2, k_first_pause, k_longest_pause);
  again = clock.steady() + pause;
  const std::string message = error.what();
  observer.trouble(message);
  if (message != told) seldom.over();
  told = message;
  if (seldom.due(clock.steady())) k_log.error(cat(message, "; it is tried again, and nothing is forgotten"));
  if (watcher && watcher->root_is_another()) watcher.reset();
}

void Watch::Impl::save() {
  keep_mounts();
  if (!settled || writer.dry_run) return;
  try {
    watch::write_settled(state_directory_, sys::Dir(watcher->root()).facts(), *settled);
  } catch (const Error& error) {
    k_log.warning(cat(error.what(), "; the next start will look more closely"));
  }
}

// An operator's word comes through the same file.
void Watch::Impl::keep_mounts() {
  try {
    const sys::Dir root(watcher->root());
    const auto kept = read_mounts(state_directory_, root);
    watcher->accept_unmounted(kept.accepted);
    if (!writer.dry_run && !(watcher->mounts() == kept))
      write_mounts(state_directory_, root, watcher->mounts());
  } catch (const Error& error) {
    k_log.warning(cat(error.what(), "; which file systems are mounted in the tree is not kept"));
  }
}

// What was told by then goes into the index, however much waits; what comes without an end does not.
void Watch::Impl::end() {
  if (!watcher) return;
  try {
    for (int rounds = 0; rounds == 0 || (rounds < k_last_rounds && !watcher->caught_up()); ++rounds) round();
    if (!watcher->root_is_another()) save();
  } catch (const Error& error) {
    k_log.error(cat(error.what(), "; the next start finds what was not written"));
  }
}

Watch::Watch(std::string tree, WatchOptions options, WriterOptions writer, Clock& clock,
             WatchObserver& observer)
    : impl_(std::make_unique<Impl>(std::move(tree), std::move(options), std::move(writer), clock, observer)) {
}
Watch::~Watch() = default;

void Watch::run() {
  impl_->begin();
  while (!impl_->stopping()) {
    impl_->work();
    impl_->observer.alive();
    impl_->wait();
  }
  impl_->end();
}

}  // namespace recentd
