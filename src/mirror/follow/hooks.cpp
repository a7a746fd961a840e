#include "mirror/follow/hooks.hpp"

#include <recentd/error.hpp>

#include "base/log.hpp"
#include "base/text.hpp"
#include "transport/address.hpp"

namespace recentd::mirror {
namespace {

const Log k_log("hook");

// So many calls may wait for a hook that overlaps; then the mirror waits.
constexpr std::size_t k_waiting_max = 16;

std::string in_seconds(std::chrono::nanoseconds time) {
  return std::to_string(std::chrono::ceil<std::chrono::seconds>(time).count());
}

// Why it failed; empty if it did not.
std::string failure_of(const sys::ProcessResult& result, std::chrono::nanoseconds limit) {
  if (result.timed_out) return cat("it was ended after ", in_seconds(limit), " s");
  if (result.stopped) return "it was ended because the mirror was asked to stop";
  if (result.signal != 0) return cat("signal ", result.signal);
  if (result.exit_status != 0) return cat("exit code ", result.exit_status);
  return {};
}

}  // namespace

void Hooks::Names::add(std::string_view name) {
  text += name;
  text += '\0';
  ++count;
}

Hooks::Hooks(const MirrorOptions& options, std::string target, sys::ProcessRunner& runner, Clock& clock)
    : options_(options), target_(std::move(target)), runner_(runner), clock_(clock) {
  if (options.hooks.overlap == HookOptions::Overlap::allow) worker_ = std::thread([this] { work(); });
}

Hooks::~Hooks() {
  if (!worker_.joinable()) return;
  {
    const std::lock_guard guard(mutex_);
    closing_ = true;
  }
  changed_.notify_all();
  worker_.join();
}

void Hooks::arrived(std::string_view interval, std::string_view path) {
  if (options_.hooks.after_batch.empty()) return;
  interval_ = interval;
  arrived_.add(path);
}

void Hooks::removed(std::string_view path) {
  if (!options_.hooks.after_batch.empty()) removed_.add(path);
}

void Hooks::published(std::string_view file) {
  if (!options_.hooks.after_publish.empty()) published_.add(file);
}

void Hooks::batch_ended() {
  if (arrived_.count > 0)
    call("after_batch", options_.hooks.after_batch, "transferred", arrived_,
         {{"RECENTD_INTERVAL", interval_}});
}

void Hooks::deletes_ended() {
  if (removed_.count > 0) call("after_batch", options_.hooks.after_batch, "deleted", removed_, {});
}

void Hooks::publishing_ended() {
  if (published_.count > 0) call("after_publish", options_.hooks.after_publish, "published", published_, {});
}

void Hooks::trouble(std::string_view message) {
  Names none;
  if (!options_.hooks.on_error.empty())
    call("on_error", options_.hooks.on_error, "error", none, {{"RECENTD_MESSAGE", single_line(message)}});
}

void Hooks::call(const char* hook, const std::vector<std::string>& command, const char* event, Names& names,
                 Fields fields) {
  Job job{hook, {}};
  job.request.argv = command;
  job.request.environment = std::move(fields);
  auto& environment = job.request.environment;
  environment.emplace_back("RECENTD_HOOK", hook);
  environment.emplace_back("RECENTD_EVENT", event);
  environment.emplace_back("RECENTD_COUNT", std::to_string(names.count));
  environment.emplace_back("RECENTD_SOURCE", transport::Address::without_password(options_.source));
  environment.emplace_back("RECENTD_TARGET", target_);
  environment.emplace_back("RSYNC_PASSWORD", "");  // ours, and no business of theirs
  job.request.standard_input = std::move(names.text);
  job.request.time_limit = options_.hooks.timeout;
  names = {};
  worker_.joinable() ? enqueue(std::move(job)) : run_or_drop(job);
}

// Each hook that ignores SIGTERM would take two seconds of the five that a stop may take.
void Hooks::run_or_drop(const Job& job) {
  if (clock_.stop().is_set())
    k_log.warning("not run any more: the mirror was asked to stop", {{"hook", job.hook}});
  else
    run(job);
}

void Hooks::enqueue(Job job) {
  std::unique_lock lock(mutex_);
  // A stop ends the hook that runs, so this wait is short then.
  const auto has_room = [&] { return jobs_.size() < k_waiting_max; };
  while (!changed_.wait_for(lock, std::chrono::seconds(1), has_room) && !clock_.stop().requested()) {
  }
  jobs_.push_back(std::move(job));
  lock.unlock();
  changed_.notify_all();
}

void Hooks::work() {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [&] { return closing_ || !jobs_.empty(); });
    if (jobs_.empty()) return;
    const Job job = std::move(jobs_.front());
    jobs_.pop_front();
    lock.unlock();
    changed_.notify_all();
    run_or_drop(job);
    lock.lock();
  }
}

void Hooks::run(const Job& job) {
  auto request = job.request;
  std::string first_line;
  request.on_output = [](std::string_view line) { k_log.debug(line); };
  request.on_error = [&](std::string_view line) {
    if (first_line.empty()) first_line = line;
  };
  std::string failure;
  try {
    failure = failure_of(runner_.run(request), request.time_limit);
    if (!failure.empty() && !first_line.empty()) failure += ": " + first_line;
  } catch (const Error& error) {
    failure = error.what();
  }
  tell(job.hook, failure);
}

// A hook that fails each time is told ever more rarely.
void Hooks::tell(const char* hook, const std::string& failure) {
  auto& trouble = troubles_[hook];
  if (failure.empty()) {
    if (const auto line = trouble.over()) k_log.warning(*line, {{"hook", hook}});
    return;
  }
  if (const auto line = trouble.note(failure))
    k_log.error(cat("failed: ", *line), {{"hook", hook}, {"target", target_}});
}

}  // namespace recentd::mirror
