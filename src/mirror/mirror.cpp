#include <algorithm>
#include <random>

#include <recentd/error.hpp>
#include <recentd/mirror.hpp>

#include "base/log.hpp"
#include "base/text.hpp"
#include "codec/codec.hpp"
#include "mirror/engine.hpp"
#include "mirror/follower.hpp"
#include "mirror/premises.hpp"
#include "mirror/problem_error.hpp"
#include "sys/process.hpp"
#include "transport/rsync_transport.hpp"

namespace recentd {
namespace {

const Log k_log("mirror");

constexpr int k_attempts = 3;
constexpr std::size_t k_missing_lines_max = 100;

using mirror::Engine;
using mirror::FollowSettings;

void check(const MirrorOptions& options) {
  if (!sys::parse_fsync(options.fsync))
    throw Error(Kind::usage,
                cat("fsync policy ", quoted(options.fsync), " is unknown; use full, data or none"));
  if (options.connections == 0 || options.connections > 32)
    throw Error(Kind::usage, "connections can be 1 to 32");
  if (options.max_files_per_connection == 0)
    throw Error(Kind::usage, "max-files-per-connection must be at least 1");
  if (options.ttl.count() < 0 || options.sleep_per_connection.count() < 0)
    throw Error(Kind::usage, "ttl and sleep-per-connection must not be negative");
}

transport::RsyncSettings rsync_settings(const MirrorOptions& options, int lock_fd) {
  transport::RsyncSettings settings;
  settings.program = options.rsync_program;
  settings.options = options.rsync_options;
  if (options.checksum) settings.options.emplace_back("checksum");
  settings.io_timeout = options.rsync_timeout;
  settings.password = options.password;
  settings.password_file = options.password_file;
  settings.inherited_fds = {lock_fd};
  return settings;
}

FollowSettings follow_settings(const MirrorOptions& options) {
  const auto period = options.loopinterval.value_or(
      std::min<std::chrono::nanoseconds>(std::chrono::seconds(20), options.ttl));
  FollowSettings settings;
  settings.polls = {std::max(period, options.ttl), options.min_poll_interval};
  settings.retries = {options.retry_first, options.retry_longest};
  settings.max_errors = options.max_rsync_errors;
  settings.seed = std::random_device()();
  settings.source = options.source;
  return settings;
}

[[noreturn]] void refuse_deletes(const MirrorReport& report, const MirrorOptions& options) {
  const auto limit = cat("more than max-delete (", options.max_delete.text(), ") allows; none was done");
  if (report.held_deletes > 0)
    throw Error(Kind::refused, cat(report.held_deletes, " deletes are ", limit,
                                   ", all else goes on. Check the upstream; if it is right, run "
                                   "`recentd mirror SOURCE TARGET --accept-deletes`"));
  throw Error(Kind::refused, cat(report.held_extra, " files that --prune would remove are ", limit,
                                 ". Is this the right target? If so, run once with --max-delete none"));
}

}  // namespace

struct Mirror::Impl {
  Impl(MirrorOptions given, Clock& its_clock, Observer& its_observer)
      : options((check(given), std::move(given))),
        clock(its_clock),
        observer(its_observer),
        source(mirror::split_source(options.source)),
        address(transport::Address::parse(source.directory)),
        premises(options, address, clock),
        runner(clock.stop()),
        transport(address, rsync_settings(options, premises.lock_fd()), runner),
        hooks(options, premises.target(), runner, clock),
        engine(make_engine()) {
    if (!transport.remark().empty()) k_log.warning(transport.remark());
    // Wishes for this start, not for an engine that is made anew after trouble.
    options.accept_deletes = options.reset_state = false;
  }

  // As this process or the one before left off.
  std::unique_ptr<Engine> make_engine() {
    return std::make_unique<Engine>(options, source, premises.target(), premises.private_directory(),
                                    premises.index_directory(), transport, clock, observer, &hooks);
  }

  MirrorReport work_once();

  // Notes what is left to do, for the caller and the status file.
  void conclude() {
    if (engine) {
      auto& report = engine->report();
      report.missing = engine->missing_lines(k_missing_lines_max);
      report.held_deletes = engine->held_deletes();
      report.held_extra = engine->held_extra();
      last = report;
    }
    if (!options.status_file.empty()) write_status();
  }

  // A status file that cannot be written must not end the service.
  void conclude_in_loop() {
    try {
      conclude();
      status_trouble.over();
    } catch (const Error& error) {
      if (const auto line = status_trouble.note(error.what())) k_log.error(*line);
    }
  }

  [[nodiscard]] std::string alarm() const {
    if (last.rolled_back) return "rollback";
    return last.held_deletes + last.held_extra > 0 ? "max_delete" : "";
  }

  void write_status() const {
    if (!engine) return;
    std::vector<std::pair<std::string, Value>> levels;
    for (const auto& level : engine->state().levels) {
      std::vector<Value> ranges;
      for (const auto& range : level.done.ranges())
        ranges.push_back(
            Value::sequence({Value::scalar(range.high.text()), Value::scalar(range.low.text())}));
      levels.emplace_back(level.interval, Value::sequence(std::move(ranges)));
    }
    const auto document = Value::map({{"done", Value::map(std::move(levels))},
                                      {"alarm", Value::scalar(alarm())},
                                      {"held_deletes", Value::scalar(std::to_string(last.held_deletes))},
                                      {"missing", Value::scalar(std::to_string(last.missing.size()))},
                                      {"source", Value::scalar(options.source)},
                                      {"time", Value::scalar(Epoch::from_time(clock.now()).text())},
                                      {"transferred", Value::scalar(std::to_string(last.transferred))},
                                      {"up_to_date", Value::scalar(last.up_to_date ? "1" : "0")}});
    sys::AtomicFile file(options.status_file, options.status_file + ".new", sys::Fsync::none);
    file.write(codec::yaml_document(document));
    file.commit();
  }

  MirrorOptions options;
  Clock& clock;
  Observer& observer;
  mirror::SourceSpec source;
  transport::Address address;
  mirror::Premises premises;
  sys::SystemProcessRunner runner;
  transport::RsyncTransport transport;
  mirror::Hooks hooks;
  std::unique_ptr<Engine> engine;  // empty after an error, until the next poll
  mirror::TroubleLog status_trouble;
  MirrorReport last;
};

Mirror::Mirror(MirrorOptions options, Clock& clock, Observer& observer)
    : impl_(std::make_unique<Impl>(std::move(options), clock, observer)) {}
Mirror::~Mirror() = default;

const MirrorReport& Mirror::last_report() const noexcept {
  return impl_->last;
}

MirrorReport Mirror::Impl::work_once() {
  Engine& work = *engine;
  work.report() = {};
  const auto arrived = [&] { return work.report().transferred + work.report().unchanged; };
  bool first = true;
  for (int attempt = 1;; ++attempt) {
    const auto before = arrived();
    Engine::PassEnd end;
    try {
      // What failed in the attempt before must not keep all others from arriving.
      end = work.pass(first ? Engine::FailingPaths::try_all : Engine::FailingPaths::let_rest);
      first = false;
    } catch (...) {
      conclude();
      throw;
    }
    conclude();
    if (end == Engine::PassEnd::up_to_date) return last;
    if (end == Engine::PassEnd::stopped)
      throw Error(Kind::incomplete, "stopped before everything was mirrored; the next run goes on from here");
    if (work.only_deletes_open()) refuse_deletes(last, options);
    if (work.problem() && !work.problem()->temporary())
      throw mirror::to_error(*work.problem(), options.source);
    if (arrived() > before) attempt = 1;
    if (attempt >= k_attempts) break;
    if (work.held_deletes() > 0 && !work.problem() && arrived() == before && !work.only_vanished_open())
      break;  // what is open waits for them
    if (!work.only_vanished_open()) clock.sleep_for(std::chrono::seconds(2 * attempt));
  }
  if (work.problem()) throw mirror::to_error(*work.problem(), options.source);
  if (last.held_deletes + last.held_extra > 0) refuse_deletes(last, options);
  const auto& missing = last.missing;
  throw Error(Kind::incomplete,
              cat("not everything could be mirrored after ", k_attempts, " attempts: ", missing.size(),
                  missing.size() == k_missing_lines_max ? " or more" : "", " left, first ",
                  missing.empty() ? std::string("unknown") : missing.front()));
}

MirrorReport Mirror::run_once() {
  try {
    return impl_->work_once();
  } catch (const Error& error) {
    const auto& last = impl_->last;
    const bool alarmed = error.kind() == Kind::refused && last.held_deletes + last.held_extra > 0;
    if (!alarmed && !impl_->clock.stop().requested()) impl_->hooks.trouble(error.what());
    throw;
  }
}

void Mirror::run_loop() {
  const auto make = [&] { return impl_->make_engine(); };
  auto settings = follow_settings(impl_->options);
  settings.on_trouble = [&](std::string_view message) { impl_->hooks.trouble(message); };
  mirror::Follower follower(std::move(settings), impl_->engine, make, impl_->clock, impl_->observer);
  while (!impl_->clock.stop().requested()) {
    const auto wait = follower.poll();
    impl_->conclude_in_loop();
    impl_->observer.poll_ended(impl_->last);
    if (wait.count() <= 0 || impl_->clock.stop().requested()) continue;
    impl_->observer.sleeping(std::chrono::duration<double>(wait).count());
    impl_->clock.sleep_for(wait);
  }
  const auto& last = impl_->last;
  if (last.held_deletes + last.held_extra > 0) refuse_deletes(last, impl_->options);
}

MirrorReport Mirror::fetch_paths(const std::vector<std::string>& paths) {
  impl_->engine->fetch_paths(paths);
  impl_->conclude();
  if (impl_->engine->problem()) throw mirror::to_error(*impl_->engine->problem(), impl_->options.source);
  if (!impl_->last.up_to_date)
    throw Error(Kind::incomplete, cat("not fetched: ", impl_->last.missing.front()));
  return impl_->last;
}

}  // namespace recentd
