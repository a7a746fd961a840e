#include <algorithm>

#include <recentd/error.hpp>
#include <recentd/mirror.hpp>

#include "base/log.hpp"
#include "base/meter.hpp"
#include "base/shell_word.hpp"
#include "base/text.hpp"
#include "mirror/follow/adoption.hpp"
#include "mirror/follow/follower.hpp"
#include "mirror/follow/hooks.hpp"
#include "mirror/follow/options_check.hpp"
#include "mirror/follow/pass_line.hpp"
#include "mirror/follow/sources.hpp"
#include "mirror/follow/standstill.hpp"
#include "mirror/follow/status_file.hpp"
#include "mirror/follow/status_keeper.hpp"
#include "mirror/pass.hpp"
#include "sys/process/bell.hpp"
#include "sys/process/group_bytes.hpp"
#include "sys/process/process.hpp"
#include "target/target_directory.hpp"
#include "target/target_lock.hpp"
#include "upstream/problem_error.hpp"
#include "upstream/upstreams.hpp"

namespace recentd {
namespace {

const Log k_log("mirror");

constexpr int k_attempts = 3;
constexpr std::size_t k_missing_lines_max = 100;

using mirror::Pass;

// As long as the upstream wishes, within reason: somebody waits for a single run.
std::chrono::seconds rest_before(int attempt, const std::optional<transport::Problem>& problem) {
  constexpr std::chrono::seconds k_longest{60};
  const std::chrono::seconds own(2 * (attempt - 1));
  return std::max(own, std::min(k_longest, problem && problem->pause ? *problem->pause : own));
}

[[noreturn]] void refuse_deletes(const MirrorReport& report, const MirrorOptions& options) {
  const auto held = report.held_deletes > 0 ? report.held_deletes : report.held_extra;
  const auto objection =
      cat("of ", report.held_of, " files are ", options.deletes.limit.objection(held, report.held_of));
  if (report.held_deletes > 0)
    throw Error(Kind::refused,
                cat(report.held_deletes, " deletes ", objection,
                    "; none was done, all else goes on. Check the upstream; if it is right, run "
                    "`recentd mirror SOURCE TARGET --accept-deletes`"));
  throw Error(Kind::refused,
              cat(report.held_extra, " deletes that --prune wants ", objection,
                  "; none was done. Is this the right target? If so, run once with --max-delete none"));
}

}  // namespace

struct Mirror::Impl {
  Impl(MirrorOptions given, Clock& its_clock, Observer& its_observer)
      : options((mirror::check(given), std::move(given))),
        clock(its_clock),
        told(its_observer),
        directory(options, mirror::addresses_of(upstream::split_sources(options)), clock),
        observer(
            directory.private_directory() + "/status", [this] { directory.demand_same(); }, clock, told),
        runner(clock.stop()),
        sources(options, directory, runner, clock),
        upstreams(sources.upstreams()),
        hooks(options, directory.target(), runner, clock),
        follower(make_follower()) {
    mirror::adopt_index(directory, options, upstreams);
    follower.pass();
    if (!sources.remark().empty()) k_log.warning(sources.remark());
    if (options.connect.stall_timeout.count() > 0 && !sys::can_count_bytes())
      k_log.warning("/proc tells nothing of what processes read: --stall-timeout is without effect");
    // Wishes for this start, not for a pass that is made anew after trouble.
    options.deletes.accept = options.places.reset_state = options.places.accept_source = false;
    options.places.force = options.places.adopt = false;
  }

  // As this process or the one before left off.
  std::unique_ptr<Pass> make_pass() {
    directory.demand_same();
    const mirror::Places places{directory.target(), directory.private_directory(),
                                directory.index_directory(), [this] { directory.demand_same(); }};
    return std::make_unique<Pass>(options, upstreams.current().source, places, upstreams, clock, observer,
                                  hooks);
  }
  mirror::Follower make_follower() {
    auto settings = mirror::settings_by(options, directory.index_directory());
    settings.before_poll = [this] { directory.demand_same(); };
    settings.displaced = [this] { return directory.replaced(); };
    settings.on_trouble = [this](std::string_view message) { hooks.trouble(message); };
    return {std::move(settings), upstreams, [this] { return make_pass(); }, clock, observer};
  }
  [[nodiscard]] const std::string& source() const { return upstreams.current().source.text; }

  MirrorReport work_once();
  MirrorReport work_as_asked();
  void follow();
  // Nothing if a stop was requested while somebody else has it.
  [[nodiscard]] std::optional<target::Turn> turn() {
    return target::Turn::take(directory.private_directory(), clock, [&](int holder) {
      k_log.warning("the mirror waits for a command under `recentd lock`",
                    {{"target", directory.target()}, {"process", std::to_string(holder)}});
    });
  }

  // It goes on being mirrored: what is wrong there is told, and mended there.
  void look_for_standstill(const Pass& pass) {
    if (!pass.principal()) return;
    const auto word =
        standstill.look({pass.principal()->newest, pass.principal_written(), clock.now(), clock.steady()});
    if (!word) return;
    if (!word->alarm) return k_log.warning(word->text, {{"source", source()}});
    k_log.error(word->text, {{"source", source()}});
    hooks.trouble(word->text);
  }

  // Notes what is left to do, for the caller and the status file.
  void conclude() {
    if (auto* const pass = follower.present_pass()) {
      look_for_standstill(*pass);
      pass->report().missing = pass->missing_lines(k_missing_lines_max);
      pass->report().known_missing_lines = pass->known_missing_lines(k_missing_lines_max);
      last = pass->report();
      const auto* const principal = pass->principal();
      const auto* const newest = principal != nullptr && principal->newest ? &*principal->newest : nullptr;
      observer.concluded({.source = source(),
                          .report = last,
                          .newest = newest,
                          .answered = principal != nullptr && !pass->problem(),
                          .alarm = alarm(pass->state())});
    }
    if (!options.places.status_file.empty()) write_status();
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

  [[nodiscard]] std::string_view alarm(const state::MirrorState& state) const {
    if (last.rolled_back) return "rollback";
    if (last.other_tree) return "other_tree";
    if (last.held_deletes + last.held_extra > 0) return "max_delete";
    if (last.held_missing > 0) return "missing";
    if (state::alarming_differences(state) > 0) return "digest";
    return standstill.alarmed() ? "max_age" : "";
  }

  void write_status() {
    const auto* const pass = follower.present_pass();
    if (pass == nullptr) return;
    mirror::write_status_file(options.places.status_file, {.source = source(),
                                                           .report = last,
                                                           .state = pass->state(),
                                                           .alarm = alarm(pass->state()),
                                                           .time = clock.now()});
  }

  // One line for those who look at the log, of what may be of interest to them.
  void tell_pass(std::chrono::nanoseconds took) {
    const auto* const pass = follower.present_pass();
    if (!pass || pass->problem() || !pass->principal() || !passes_told.is_news(last)) return;
    const auto& newest = pass->principal()->newest;
    k_log.info(mirror::pass_line({directory.target(), last, took, newest ? &*newest : nullptr, clock.now()}));
  }

  std::optional<Pass::End> attempt_with(Pass::FailingPaths failing, bool may_move);
  [[noreturn]] void fail_open(const Pass& pass) const;
  void tell_known_missing() const;

  MirrorOptions options;
  Clock& clock;
  Observer& told;
  target::TargetDirectory directory;
  mirror::StatusKeeper observer;  // who hears first
  sys::SystemProcessRunner runner;
  mirror::Sources sources;
  upstream::Upstreams& upstreams;
  mirror::Hooks hooks;
  mirror::Follower follower;
  std::optional<sys::Bell> bell;  // while somebody may ask for another poll
  mirror::Standstill standstill{options.poll.max_age};
  LogThrottle status_trouble;
  mirror::PassTold passes_told;
  MirrorReport last;
};

// Who finds the target's place taken, or is refused, has nothing to say of how the mirror there fares.
Mirror::Mirror(MirrorOptions options, Clock& clock, Observer& observer) {
  const auto target = options.target;
  try {
    impl_ = std::make_unique<Impl>(std::move(options), clock, observer);
  } catch (const Error& error) {
    const auto kind = error.kind();
    if (kind == Kind::missing || kind == Kind::transport || kind == Kind::io)
      mirror::StatusKeeper::note_failed_start(target, clock, error.what());
    throw;
  }
}
Mirror::~Mirror() = default;

const MirrorReport& Mirror::last_report() const noexcept {
  static const MirrorReport none;
  return impl_ ? impl_->last : none;
}

// One attempt with whichever upstream is selected. Nothing: it failed and another one is selected now.
std::optional<Pass::End> Mirror::Impl::attempt_with(Pass::FailingPaths failing, bool may_move) {
  try {
    Pass& pass = follower.pass();
    pass.report() = last;  // another upstream goes on with the report of the one before
    const auto end = pass.run(failing);
    conclude();
    const auto& problem = pass.problem();
    if (end != Pass::End::broken || (problem->temporary() && !may_move)) return end;
    throw upstream::to_error(*problem, source());
  } catch (const Error& error) {
    if (follower.present_pass()) conclude();
    if (clock.stop().requested() || !may_move || !follower.move_on(error)) throw;
    return {};
  }
}

MirrorReport Mirror::Impl::work_once() {
  const auto arrived = [&] { return last.transferred + last.unchanged; };
  auto failing = Pass::FailingPaths::try_all;
  std::size_t moves_left = upstreams.size() - 1;
  follower.select();
  for (int attempt = 1;; ++attempt) {
    const auto before = arrived();
    const auto end = attempt_with(failing, moves_left > 0);
    // What failed in the attempt before must not keep all others from arriving.
    failing = Pass::FailingPaths::let_rest;
    if (arrived() > before) {
      attempt = 1;
      moves_left = upstreams.size() - 1;
    }
    if (!end) {
      --moves_left;
      attempt = 0;
      continue;
    }
    if (*end == Pass::End::cut) continue;
    const Pass& pass = follower.pass();
    if (*end == Pass::End::up_to_date) {
      tell_known_missing();
      return last;
    }
    if (*end == Pass::End::stopped)
      throw Error(Kind::incomplete, "stopped before everything was mirrored; the next run goes on from here");
    if (pass.only_deletes_open()) refuse_deletes(last, options);
    // What is open may wait for deletes that are held back.
    const bool waits =
        last.held_deletes > 0 && !pass.problem() && arrived() == before && !pass.only_looks_open();
    if (attempt >= k_attempts || waits) fail_open(pass);
    if (!pass.only_differing_open()) clock.sleep_for(rest_before(attempt + 1, pass.problem()));
  }
}

// Once, and once more for whoever asks meanwhile: what he knows of may be newer than what was found.
MirrorReport Mirror::Impl::work_as_asked() {
  last = {};
  bell.emplace(directory.private_directory() + "/bell");
  for (;;) {
    try {
      work_once();
    } catch (const Error& error) {
      if (clock.stop().requested() || !bell->take()) throw;
      k_log.warning(cat(error.what(), "; another pass was asked for meanwhile, and begins"));
      follower.hurry();
      continue;
    }
    if (!bell->take() && !bell->close()) return last;
  }
}

// Not in each run: the looks at them come ever more rarely, and so does this.
void Mirror::Impl::tell_known_missing() const {
  if (last.missed == 0 || last.known_missing == 0) return;
  k_log.warning(cat("all is mirrored but what cannot be had, first ",
                    last.known_missing_lines.empty() ? "unknown" : last.known_missing_lines.front(),
                    "; it is looked for again (`recentd why PATH` tells more)"),
                {{"known_missing", std::to_string(last.known_missing)}});
}

// What is said of a run that ends with something left to do.
void Mirror::Impl::fail_open(const Pass& pass) const {
  if (pass.problem()) throw upstream::to_error(*pass.problem(), source());
  if (last.held_deletes + last.held_extra > 0) refuse_deletes(last, options);
  const auto& missing = last.missing;
  throw Error(Kind::incomplete,
              cat("not everything could be mirrored after ", k_attempts, " attempts: ", missing.size(),
                  missing.size() == k_missing_lines_max ? " or more" : "", " left, first ",
                  missing.empty() ? std::string("unknown") : missing.front(),
                  "; run it again later, and see `recentd why ", shell_word(options.target), "/PATH`"));
}

MirrorReport Mirror::run_once() {
  try {
    const auto at_work = impl_->turn();
    return impl_->work_as_asked();
  } catch (const Error& error) {
    const auto& last = impl_->last;
    if (!impl_->clock.stop().requested()) impl_->observer.failed(error.what());
    const bool alarmed = error.kind() == Kind::refused && last.held_deletes + last.held_extra > 0;
    if (!alarmed && !impl_->clock.stop().requested()) impl_->hooks.trouble(error.what());
    throw;
  }
}

// Until a stop is requested, or another directory is in the target's place.
void Mirror::Impl::follow() {
  bell.emplace(directory.private_directory() + "/bell");
  while (!clock.stop().requested() && !directory.replaced()) {
    auto at_work = turn();
    if (!at_work) break;
    const auto begun = clock.steady();
    const auto wait = follower.poll();
    if (follower.asked()) {
      conclude_in_loop();
      tell_pass(clock.steady() - begun);
      observer.poll_ended(last);
    }
    at_work.reset();
    if (clock.stop().requested()) break;
    if (wait.count() > 0) {
      meter().end();
      observer.sleeping(std::chrono::duration<double>(wait).count());
      clock.wait_for(wait, bell->fd());
    }
    if (bell->take()) follower.hurry();
  }
}

// Takes the lock and the state of the directory that is the target now.
void Mirror::begin_anew() {
  auto options = impl_->options;
  Clock& clock = impl_->clock;
  Observer& observer = impl_->told;
  k_log.warning("another directory is in the target's place; the mirror begins there as if started now",
                {{"target", impl_->options.target}});
  impl_.reset();
  LogThrottle trouble;
  while (!clock.stop().requested()) {
    try {
      impl_ = std::make_unique<Impl>(options, clock, observer);
      impl_->observer.follow();
      return;
    } catch (const Error& error) {
      const auto kind = error.kind();
      const bool may_pass =
          kind == Kind::io || kind == Kind::missing || kind == Kind::locked || kind == Kind::transport;
      if (clock.stop().requested() || !may_pass) throw;
      observer.trouble(error.what());
      if (const auto line = trouble.note(error.what())) k_log.error(*line);
      clock.sleep_for(options.poll.retry_longest / 10);
    }
  }
}

void Mirror::run_loop() {
  if (impl_) impl_->observer.follow();
  while (impl_ && !impl_->clock.stop().requested()) {
    impl_->follow();
    if (!impl_->clock.stop().requested()) begin_anew();
  }
  if (!impl_) return;
  const auto& last = impl_->last;
  if (last.held_deletes + last.held_extra > 0) refuse_deletes(last, impl_->options);
}

MirrorReport Mirror::fetch_paths(const std::vector<std::string>& paths) {
  auto& follower = impl_->follower;
  auto& upstreams = impl_->upstreams;
  const auto at_work = impl_->turn();
  for (;;) {
    const auto problem = follower.pass().fetch_paths(paths);
    impl_->conclude();
    if (!problem) break;
    if (upstreams.selected() + 1 == upstreams.size()) throw upstream::to_error(*problem, impl_->source());
    follower.select(upstreams.selected() + 1);
  }
  if (!impl_->last.up_to_date)
    throw Error(Kind::incomplete, cat("not fetched: ", impl_->last.missing.front()));
  return impl_->last;
}

}  // namespace recentd
