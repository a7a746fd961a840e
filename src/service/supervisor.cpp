#include "service/supervisor.hpp"

#include <algorithm>
#include <cstdlib>

#include "base/log.hpp"
#include "base/text.hpp"
#include "sys/process/signals.hpp"
#include "sys/wait.hpp"

namespace recentd::service {

namespace {

using settings::TreeConfig;
using std::chrono::nanoseconds;

const Log k_log("service");

constexpr nanoseconds k_status_period = std::chrono::seconds(2);
constexpr nanoseconds k_time_to_stop = std::chrono::milliseconds(4500);

// Never destroyed: a signal may arrive until the very end.
const sys::Event& process_event() {
  static const auto* const event = new sys::Event;
  return *event;
}

nanoseconds steady() {
  return system_clock().steady();
}

std::string ago(const std::optional<TimePoint>& time) {
  if (!time) return "never";
  const auto passed = std::chrono::floor<std::chrono::seconds>(system_clock().now() - *time).count();
  return std::to_string(std::max<std::int64_t>(passed, 0)) + "s";
}

}  // namespace

Supervisor::Supervisor(std::string file, settings::Config config, Tree::Work work)
    : file_(std::move(file)),
      wanted_(std::move(config.trees)),
      work_(std::move(work)),
      event_(process_event()) {
  sys::install_stop_handlers();
  sys::install_service_handlers(event_);
  if (const auto period = manager_.watchdog()) watchdog_.emplace(*period);
}

int Supervisor::run() {
  reconcile();
  manager_.tell("READY=1");
  tell_manager();
  while (!all_ended() && !sys::stop_requested()) {
    wait();
    if (sys::take_hangup()) reload();
    if (sys::take_user_signal()) report();
    reconcile();
    tell_manager();
  }
  end_all();
  return exit_code_of_trees();
}

void Supervisor::wait() {
  const bool busy = manager_.present() || !settled();
  auto limit = busy ? k_status_period : nanoseconds(std::chrono::hours(1));
  if (watchdog_) limit = std::min(limit, watchdog_->wait(steady()));
  sys::wait_readable({event_.fd(), Stop::process().fd()}, limit);
  event_.drain();
}

// What is unchanged runs on; what changed, or failed before, is stopped here and started by reconcile().
void Supervisor::reload() {
  const auto now_us = std::chrono::duration_cast<std::chrono::microseconds>(steady()).count();
  manager_.tell(cat("RELOADING=1\nMONOTONIC_USEC=", now_us));
  reloading_ = true;
  settings::Config config;
  try {
    config = settings::read_config(file_);
  } catch (const Error& error) {
    config.problems.push_back({0, error.what()});
  }
  if (!config.problems.empty()) {
    for (const auto& problem : config.problems) k_log.error(cat("reload refused: ", problem.text));
    return;
  }
  wanted_ = std::move(config.trees);
  std::size_t kept = 0;
  for (const auto& tree : trees_) {
    const bool same = std::ranges::any_of(
        wanted_, [&](const TreeConfig& wanted) { return wanted.same_work(tree->config()); });
    if (same && !tree->ended() && !tree->stopping())
      ++kept;
    else
      tree->stop();
  }
  k_log.notice("configuration reloaded",
               {{"trees", std::to_string(wanted_.size())}, {"unchanged", std::to_string(kept)}});
}

Tree* Supervisor::find(const TreeConfig& config) const {
  const auto at = std::ranges::find_if(
      trees_, [&](const auto& tree) { return !tree->stopping() && tree->config().same_work(config); });
  return at == trees_.end() ? nullptr : at->get();
}

// True while a tree that is about to end has its name or its directory.
bool Supervisor::in_the_way(const TreeConfig& config) const {
  return std::ranges::any_of(trees_, [&](const auto& tree) {
    return tree->config().name == config.name || settings::same_place(tree->config().place(), config.place());
  });
}

// Takes leave of those that were stopped, and starts what is wanted and has room.
void Supervisor::reconcile() {
  std::erase_if(trees_, [](const auto& tree) { return tree->stopping() && tree->ended(); });
  for (const auto& config : wanted_)
    if (find(config) == nullptr && !in_the_way(config)) start(config);
  if (!reloading_ || !settled()) return;
  reloading_ = false;
  manager_.tell("READY=1");
}

void Supervisor::start(const TreeConfig& config) {
  try {
    trees_.push_back(std::make_unique<Tree>(config, work_, [this] { event_.raise(); }));
  } catch (const Error& error) {
    k_log.error(error.what(), {{"tree", config.name}});
  }
}

bool Supervisor::settled() const {
  const bool none_leaves = std::ranges::none_of(trees_, [](const auto& tree) { return tree->stopping(); });
  return none_leaves &&
         std::ranges::all_of(wanted_, [&](const TreeConfig& config) { return find(config) != nullptr; });
}

bool Supervisor::all_ended() const {
  return settled() && std::ranges::all_of(trees_, [](const auto& tree) { return tree->ended(); });
}

std::vector<NamedStatus> Supervisor::statuses() const {
  std::vector<NamedStatus> all;
  for (const auto& tree : trees_) all.push_back({tree->config().name, tree->status()});
  return all;
}

void Supervisor::report() const {
  for (const auto& [name, status] : statuses()) {
    k_log.notice(status.message.empty() ? "state" : cat("state: ", status.message),
                 {{"tree", name},
                  {"state", to_string(status.state)},
                  {"for", ago(status.since)},
                  {"up_to_date", status.up_to_date ? "yes" : "no"},
                  {"last_good", ago(status.last_good)},
                  {"rounds", std::to_string(status.rounds)},
                  {"failures", std::to_string(status.failures)},
                  {"synced", std::to_string(status.synced)},
                  {"deleted", std::to_string(status.deleted)},
                  {"held_deletes", std::to_string(status.held_deletes)}});
  }
}

void Supervisor::tell_manager() {
  if (!manager_.present()) return;
  if (auto text = summary(statuses()); text != told_) {
    manager_.tell("STATUS=" + text);
    told_ = std::move(text);
  }
  if (!watchdog_) return;
  std::vector<Watchdog::Sign> signs;
  for (const auto& tree : trees_)
    if (!tree->ended()) signs.push_back({tree->config().name, tree->last_sign_of_life()});
  std::vector<std::string> stuck;
  if (watchdog_->due(steady(), signs, stuck)) manager_.tell("WATCHDOG=1");
  for (const auto& name : stuck)
    k_log.error("a tree shows no sign of life; the service manager is not told that all is well",
                {{"tree", name}});
}

// Every state in between is one that a crash may leave, so nothing is lost by the hard end either.
void Supervisor::end_all() {
  manager_.tell("STOPPING=1");
  for (const auto& tree : trees_) tree->stop();
  const auto deadline = steady() + k_time_to_stop;
  const auto alive = [&] {
    return std::ranges::any_of(trees_, [](const auto& tree) { return !tree->ended(); });
  };
  while (alive() && steady() < deadline) {
    sys::wait_readable({event_.fd()}, deadline - steady());
    event_.drain();
  }
  if (!alive()) return;
  for (const auto& tree : trees_)
    if (!tree->ended())
      k_log.error("ended without a safe point; the next start checks what was under way",
                  {{"tree", tree->config().name}});
  std::_Exit(exit_code(Kind::incomplete));
}

int Supervisor::exit_code_of_trees() const {
  for (const auto& config : wanted_)
    for (const auto& tree : trees_)
      if (const auto failure = tree->failure(); failure && tree->config().name == config.name)
        return exit_code(*failure);
  return 0;
}

}  // namespace recentd::service
