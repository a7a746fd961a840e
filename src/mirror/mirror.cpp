#include <algorithm>

#include <recentd/error.hpp>
#include <recentd/mirror.hpp>

#include "base/log.hpp"
#include "base/text.hpp"
#include "codec/codec.hpp"
#include "mirror/engine.hpp"
#include "mirror/premises.hpp"
#include "sys/process.hpp"
#include "sys/signals.hpp"
#include "transport/rsync_transport.hpp"

namespace recentd {
namespace {

const Log k_log("mirror");

constexpr int k_attempts = 3;
constexpr std::size_t k_missing_lines_max = 100;

using mirror::Engine;
using transport::Problem;

void check(const MirrorOptions& options) {
  if (!sys::parse_fsync(options.fsync))
    throw Error(Kind::usage,
                cat("fsync policy ", quoted(options.fsync), " is unknown; use full, data or none"));
  if (options.max_files_per_connection == 0)
    throw Error(Kind::usage, "max-files-per-connection must be at least 1");
  if (options.ttl.count() < 0 || options.sleep_per_connection.count() < 0)
    throw Error(Kind::usage, "ttl and sleep-per-connection must not be negative");
}

transport::RsyncSettings rsync_settings(const MirrorOptions& options, int lock_fd) {
  transport::RsyncSettings settings;
  settings.program = options.rsync_program;
  settings.options = options.rsync_options;
  settings.io_timeout = options.rsync_timeout;
  settings.password = options.password;
  settings.password_file = options.password_file;
  settings.inherited_fds = {lock_fd};
  return settings;
}

[[noreturn]] void fail(const Problem& problem, const std::string& source) {
  using Nature = Problem::Nature;
  const auto text = cat("source ", quoted(source), ": ", problem.message);
  switch (problem.nature) {
    case Nature::missing:
      throw Error(Kind::missing, text + "; check module and directory");
    case Nature::authentication:
      throw Error(Kind::transport, text + "; check the user name and RSYNC_PASSWORD or --password-file");
    case Nature::local:
      throw Error(Kind::io, text);
    case Nature::unreachable:
      throw Error(Kind::transport, text + "; is the upstream up?");
    case Nature::busy:
      throw Error(Kind::transport, text + "; try again later");
    default:
      throw Error(Kind::transport, text);
  }
}

// SPEC 9.8: 12 s more with each error in a row, five minutes at most.
std::chrono::seconds backoff(std::int64_t errors) {
  return std::chrono::seconds(std::min<std::int64_t>(12 * errors, 300));
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
        transport(address, rsync_settings(options, premises.lock_fd()), runner),
        engine(options, source, premises.target(), premises.private_directory(), premises.index_directory(),
               transport, clock, observer) {
    if (!transport.remark().empty()) k_log.warning(transport.remark());
  }

  // Notes what is left to do, for the caller and the status file.
  void conclude() {
    auto& report = engine.report();
    report.missing = engine.missing_lines(k_missing_lines_max);
    last = report;
    if (!options.status_file.empty()) write_status();
  }

  void write_status() const {
    std::vector<std::pair<std::string, Value>> levels;
    for (const auto& level : engine.state().levels) {
      std::vector<Value> ranges;
      for (const auto& range : level.done.ranges())
        ranges.push_back(
            Value::sequence({Value::scalar(range.high.text()), Value::scalar(range.low.text())}));
      levels.emplace_back(level.interval, Value::sequence(std::move(ranges)));
    }
    const auto document = Value::map({{"done", Value::map(std::move(levels))},
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
  Engine engine;
  MirrorReport last;
};

Mirror::Mirror(MirrorOptions options, Clock& clock, Observer& observer)
    : impl_(std::make_unique<Impl>(std::move(options), clock, observer)) {}
Mirror::~Mirror() = default;

const MirrorReport& Mirror::last_report() const noexcept {
  return impl_->last;
}

MirrorReport Mirror::run_once() {
  Engine& engine = impl_->engine;
  engine.report() = {};
  const auto arrived = [&] { return engine.report().transferred + engine.report().unchanged; };
  for (int attempt = 1;; ++attempt) {
    const auto before = arrived();
    Engine::PassEnd end;
    try {
      end = engine.pass();
    } catch (...) {
      impl_->conclude();
      throw;
    }
    impl_->conclude();
    if (end == Engine::PassEnd::up_to_date) return impl_->last;
    if (end == Engine::PassEnd::stopped)
      throw Error(Kind::incomplete, "stopped before everything was mirrored; the next run goes on from here");
    if (engine.refused_deletes() > 0)
      throw Error(Kind::refused,
                  cat(engine.refused_deletes(),
                      " deletes are more than --max-delete allows; none was done. If they are right, run "
                      "again with a higher limit"));
    if (engine.problem() && !engine.problem()->temporary()) fail(*engine.problem(), impl_->options.source);
    if (arrived() > before) attempt = 1;
    if (attempt >= k_attempts) break;
    if (!engine.only_vanished_open()) impl_->clock.sleep_for(std::chrono::seconds(2 * attempt));
  }
  if (engine.problem()) fail(*engine.problem(), impl_->options.source);
  const auto& missing = impl_->last.missing;
  throw Error(Kind::incomplete,
              cat("not everything could be mirrored after ", k_attempts, " attempts: ", missing.size(),
                  missing.size() == k_missing_lines_max ? " or more" : "", " left, first ",
                  missing.empty() ? std::string("unknown") : missing.front()));
}

void Mirror::run_loop() {
  Engine& engine = impl_->engine;
  const auto& options = impl_->options;
  const auto period = options.loopinterval.value_or(
      std::min<std::chrono::nanoseconds>(std::chrono::seconds(20), options.ttl));
  std::int64_t errors = 0;
  while (!sys::stop_requested()) {
    const auto start = impl_->clock.steady();
    std::string trouble;
    engine.report() = {};
    try {
      auto end = engine.pass();
      // A second look tells at once whether what vanished was replaced or is gone.
      if (end == Engine::PassEnd::open && engine.only_vanished_open()) end = engine.pass();
      if (end == Engine::PassEnd::broken) fail(*engine.problem(), options.source);
      errors = 0;
    } catch (const Error& error) {
      if (sys::stop_requested()) break;
      if (error.kind() == Kind::usage || error.kind() == Kind::internal) throw;
      if (options.max_rsync_errors >= 0 && ++errors >= options.max_rsync_errors) throw;
      if (options.max_rsync_errors < 0) ++errors;
      trouble = error.what();
    }
    impl_->conclude();
    if (!trouble.empty()) {
      impl_->observer.trouble(trouble);
      k_log.error(trouble, {{"retry_in_s", std::to_string(backoff(errors).count())}});
    }
    if (sys::stop_requested()) break;
    const auto next = trouble.empty() ? std::max(start + period, start + options.ttl)
                                      : impl_->clock.steady() + backoff(errors);
    const auto wait = next - impl_->clock.steady();
    if (wait.count() <= 0) continue;
    impl_->observer.sleeping(std::chrono::duration<double>(wait).count());
    impl_->clock.sleep_for(wait);
  }
}

MirrorReport Mirror::fetch_paths(const std::vector<std::string>& paths) {
  impl_->engine.fetch_paths(paths);
  impl_->conclude();
  if (impl_->engine.problem()) fail(*impl_->engine.problem(), impl_->options.source);
  if (!impl_->last.up_to_date)
    throw Error(Kind::incomplete, cat("not fetched: ", impl_->last.missing.front()));
  return impl_->last;
}

}  // namespace recentd
