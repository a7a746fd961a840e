#include "mirror/follow/follower.hpp"

#include <algorithm>
#include <cstdio>
#include <random>

#include "base/log.hpp"
#include "base/out_of_memory.hpp"
#include "base/text.hpp"
#include "model/clock_slack.hpp"
#include "upstream/problem_error.hpp"

namespace recentd::mirror {
namespace {

const Log k_log("mirror");

constexpr std::chrono::nanoseconds k_shortest_retry = std::chrono::milliseconds(100);

using transport::Problem;
using Reason = upstream::UpstreamChoice::Reason;

bool says_no(const Problem& problem) {
  using Nature = Problem::Nature;
  return problem.nature == Nature::busy || problem.nature == Nature::authentication ||
         problem.nature == Nature::ssh_key || problem.nature == Nature::ssh_host ||
         problem.nature == Nature::missing;
}

std::chrono::nanoseconds pause_of(const std::optional<Problem>& problem) {
  return problem && problem->pause ? *problem->pause : std::chrono::nanoseconds(0);
}

// Whether somebody at the other end says no, for now or until an operator changes something.
Trouble trouble_of(const Error& error, const std::optional<Problem>& problem) {
  const bool no =
      problem ? says_no(*problem) : error.kind() == Kind::missing || error.kind() == Kind::refused;
  return no ? Trouble::turned_away : Trouble::unreachable;
}

std::string in_seconds(std::chrono::nanoseconds time) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f", std::chrono::duration<double>(time).count());
  return text;
}

}  // namespace

FollowSettings settings_by(const MirrorOptions& options, const std::string& index_directory) {
  const auto period = options.poll.loopinterval.value_or(
      std::min<std::chrono::nanoseconds>(std::chrono::seconds(20), options.poll.ttl));
  FollowSettings settings;
  settings.polls = {std::max(period, options.poll.ttl), options.poll.min_interval};
  settings.choice = {{options.poll.retry_first, options.poll.retry_longest},
                     options.poll.probe_interval,
                     options.poll.max_lag};
  settings.max_errors = options.poll.max_errors;
  settings.first_must_work = options.poll.first_must_work;
  settings.seed = std::random_device()();
  settings.probe_directory = index_directory + "/probe";
  settings.copies = index_directory + "/index";
  settings.allow_suffixes = options.connect.allow_suffixes;
  settings.max_index_size = options.connect.max_index_size;
  return settings;
}

Follower::Follower(FollowSettings settings, upstream::Upstreams& upstreams, MakePass make, Clock& clock,
                   Observer& observer)
    : settings_(std::move(settings)),
      upstreams_(upstreams),
      make_(std::move(make)),
      clock_(clock),
      observer_(observer),
      jitter_(settings_.seed),
      choice_(upstreams.size(), settings_.choice, settings_.seed + 1),
      probe_(settings_.probe_directory, settings_.copies, settings_.allow_suffixes, settings_.max_index_size),
      troubles_(upstreams.size()),
      strangers_(upstreams.size()) {}

upstream::UpstreamStatus Follower::status_of(std::size_t i, const upstream::LevelFacts& facts) const {
  const bool stranger = strangers_[i] && strangers_[i] == facts.dirtymark;
  return {facts.newest, facts.dirtymark, !stranger && is_believable(facts.newest, clock_.now()),
          facts.part_of};
}

void Follower::probe(std::size_t i) {
  const auto& upstream = upstreams_.at(i);
  const auto principal = pass_ ? pass_->state().principal : std::string();
  const auto result = probe_.look(*upstream.transport, upstream.source, principal);
  if (clock_.stop().requested()) return;
  if (result.facts) {
    choice_.seen(i, status_of(i, *result.facts), clock_.steady());
    if (const auto line = troubles_[i].over()) k_log.warning(*line, {{"source", upstream.source.text}});
    return;
  }
  const bool no = result.problem && says_no(*result.problem);
  choice_.failed(i, no ? Trouble::turned_away : Trouble::unreachable, clock_.steady(),
                 pause_of(result.problem));
  const auto& text = upstream.source.text;
  const std::string message = result.problem ? upstream::to_error(*result.problem, text).what()
                                             : cat("source ", quoted(text), ": ", result.message);
  if (const auto line = troubles_[i].note(message)) k_log.warning(*line);
}

// Another upstream's index may have other names and other gaps, so the engine begins as a new process would.
void Follower::follow(const upstream::UpstreamChoice::Next& next) {
  const auto before = upstreams_.selected();
  choice_.follow(next.upstream);
  if (next.upstream == before) return;
  select(next.upstream);
  const std::string_view old = upstreams_.at(before).source.text, now = upstreams_.current().source.text;
  if (next.reason == Reason::failing)
    k_log.warning("following another upstream, this one fails", {{"source", now}, {"failing", old}});
  if (next.reason == Reason::lagging)
    k_log.warning("following another upstream, this one lags", {{"source", now}, {"lagging", old}});
  if (next.reason == Reason::partial)
    k_log.warning("following another upstream, this one is a partial mirror",
                  {{"source", now}, {"partial", old}});
}

std::chrono::nanoseconds Follower::select() {
  // Each look may take its time; so each upstream is looked at once at most before the next poll.
  for (std::size_t looks = 0; looks < upstreams_.size() && !clock_.stop().requested(); ++looks) {
    const auto due = choice_.probe_due(clock_.steady());
    if (!due) break;
    probe(*due);
  }
  if (pass_) choice_.accept_parts(pass_->follows_part());
  const auto next = choice_.next(clock_.steady());
  if (next.wait.count() <= 0) follow(next);
  appoint_fallbacks();
  return std::max(next.wait, std::chrono::nanoseconds::zero());
}

bool Follower::move_on(const Error& error) {
  if (upstreams_.size() < 2 || error.kind() == Kind::io || error.kind() == Kind::internal) return false;
  note_failure(error);
  const auto next = choice_.next(clock_.steady());
  if (next.wait.count() > 0 || next.upstream == upstreams_.selected()) return false;
  k_log.warning(error.what());
  follow(next);
  appoint_fallbacks();
  return true;
}

// Under another dirtymark the same epochs may mean other content.
void Follower::appoint_fallbacks() {
  std::vector<upstream::Upstreams::Fallback> all;
  const auto& own = choice_.status(upstreams_.selected());
  for (std::size_t i = 0; own && i < choice_.count(); ++i) {
    const auto& status = choice_.status(i);
    if (i == upstreams_.selected() || !choice_.works(i) || !status->plausible || !status->newest) continue;
    if (status->content_mark() == own->content_mark()) all.push_back({i, *status->newest});
  }
  upstreams_.appoint(std::move(all));
}

// An upstream that tells of the future is believed only where no other one works.
void Follower::keep_below_ceiling() {
  std::optional<Epoch> ceiling;
  for (std::size_t i = 0; i < choice_.count(); ++i)
    if (i != upstreams_.selected() && choice_.works(i) && choice_.is_fit(i) && choice_.status(i)->plausible)
      ceiling = latest_believable(clock_.now());
  pass_->set_ceiling(std::move(ceiling));
}

void Follower::select(std::size_t upstream) {
  upstreams_.select(upstream);
  pass_.reset();
}

Pass& Follower::pass() {
  if (!pass_) pass_ = make_();
  pass_->set_whole_only(choice_.has_to_be_whole(upstreams_.selected()));
  return *pass_;
}

// One pass, and a second one where that tells at once whether what came was replaced or is wrong for good.
Pass::End Follower::work() {
  pass();
  keep_below_ceiling();
  pass_->begin_report();
  constexpr auto k_failing = Pass::FailingPaths::let_rest;
  auto end = pass_->run(k_failing);
  if (end == Pass::End::open && pass_->only_differing_open()) end = pass_->run(k_failing);
  if (end == Pass::End::broken) throw upstream::to_error(*pass_->problem(), upstreams_.current().source.text);
  return end;
}

std::chrono::nanoseconds Follower::poll() {
  const auto start = clock_.steady();
  asked_ = false;
  try {
    if (const auto wait = memory_is_io([&] { return select(); }); wait.count() > 0) return wait;
    asked_ = true;
    if (settings_.before_poll) settings_.before_poll();
    const auto end = memory_is_io([&] { return work(); });
    if (clock_.stop().requested()) return {};
    note_success();
    if (end == Pass::End::cut) return {};
    return rest_after_poll(settings_.polls, start, clock_.steady(), jitter_);
  } catch (const Error& error) {
    if (clock_.stop().requested()) return {};
    if (error.kind() != Kind::internal && settings_.displaced && settings_.displaced()) {
      pass_.reset();
      return {};
    }
    begun_ = begun_ || (pass_ && pass_->principal());
    if (error.kind() == Kind::internal || (settings_.first_must_work && !begun_)) throw;
    return after_trouble(error);
  }
}

void Follower::note_success() {
  const auto i = upstreams_.selected();
  failures_ = 0;
  begun_ = true;
  local_backoff_.succeeded();
  if (pass_ && pass_->principal()) choice_.seen(i, status_of(i, *pass_->principal()), clock_.steady());
  if (const auto line = troubles_[i].over())
    k_log.warning(*line, {{"source", upstreams_.current().source.text}});
}

void Follower::note_failure(const Error& error) {
  const auto problem = pass_ ? pass_->problem() : std::nullopt;
  if (pass_ && pass_->stranger()) strangers_[upstreams_.selected()] = pass_->stranger();
  choice_.failed(upstreams_.selected(), trouble_of(error, problem), clock_.steady(), pause_of(problem));
}

std::chrono::nanoseconds Follower::after_trouble(const Error& error) {
  const auto i = upstreams_.selected();
  std::chrono::nanoseconds wait{0};
  if (error.kind() == Kind::io) {
    pass_.reset();
    wait = local_backoff_.failed(settings_.choice.retries, Trouble::unreachable, jitter_);
  } else {
    note_failure(error);
    wait = choice_.next(clock_.steady()).wait;
  }
  wait = std::max({wait, settings_.polls.minimum, k_shortest_retry});
  observer_.trouble(error.what());
  if (const auto line = troubles_[i].note(error.what())) {
    k_log.error(*line, {{"retry_in_s", in_seconds(wait)}});
    if (settings_.on_trouble) settings_.on_trouble(*line);
  }
  ++failures_;
  if (settings_.max_errors >= 0 && failures_ >= settings_.max_errors) throw Error(error);
  return wait;
}

}  // namespace recentd::mirror
