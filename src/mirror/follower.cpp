#include "mirror/follower.hpp"

#include <algorithm>
#include <cstdio>

#include "base/log.hpp"
#include "base/text.hpp"
#include "mirror/problem_error.hpp"

namespace recentd::mirror {
namespace {

const Log k_log("mirror");

constexpr std::chrono::nanoseconds k_shortest_retry = std::chrono::milliseconds(100);

using transport::Problem;

// Whether somebody at the other end says no, for now or until an operator changes something.
Trouble trouble_of(const Error& error, const std::optional<Problem>& problem) {
  using Nature = Problem::Nature;
  const bool no = problem ? problem->nature == Nature::busy || problem->nature == Nature::authentication ||
                                problem->nature == Nature::missing
                          : error.kind() == Kind::missing;
  return no ? Trouble::turned_away : Trouble::unreachable;
}

std::string in_seconds(std::chrono::nanoseconds time) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f", std::chrono::duration<double>(time).count());
  return text;
}

}  // namespace

Follower::Follower(FollowSettings settings, std::unique_ptr<Engine>& engine, MakeEngine make, Clock& clock,
                   Observer& observer)
    : settings_(std::move(settings)),
      engine_(engine),
      make_(std::move(make)),
      clock_(clock),
      observer_(observer),
      jitter_(settings_.seed) {}

// One pass, and a second one where that tells at once whether what vanished was replaced or is gone.
void Follower::work() {
  if (!engine_) engine_ = make_();
  engine_->report() = {};
  constexpr auto k_failing = Engine::FailingPaths::let_rest;
  auto end = engine_->pass(k_failing);
  if (end == Engine::PassEnd::open && engine_->only_vanished_open()) end = engine_->pass(k_failing);
  if (end == Engine::PassEnd::broken) throw to_error(*engine_->problem(), settings_.source);
}

std::chrono::nanoseconds Follower::poll() {
  const auto start = clock_.steady();
  try {
    work();
    return after_success(start);
  } catch (const Error& error) {
    if (clock_.stop().requested()) return {};
    if (error.kind() == Kind::internal) throw;
    return after_trouble(error);
  }
}

std::chrono::nanoseconds Follower::after_success(std::chrono::nanoseconds start) {
  backoff_.succeeded();
  if (clock_.stop().requested()) return {};
  if (const auto line = trouble_log_.over()) k_log.warning(*line, {{"source", settings_.source}});
  return rest_after_poll(settings_.polls, start, clock_.steady(), jitter_);
}

std::chrono::nanoseconds Follower::after_trouble(const Error& error) {
  const auto problem = engine_ ? engine_->problem() : std::nullopt;
  if (error.kind() == Kind::io) engine_.reset();
  const auto wait = std::max({backoff_.failed(settings_.retries, trouble_of(error, problem), jitter_),
                              settings_.polls.minimum, k_shortest_retry});
  observer_.trouble(error.what());
  if (const auto line = trouble_log_.note(error.what())) {
    k_log.error(*line, {{"retry_in_s", in_seconds(wait)}});
    if (settings_.on_trouble) settings_.on_trouble(*line);
  }
  const auto failures = static_cast<std::int64_t>(backoff_.failures());
  if (settings_.max_errors >= 0 && failures >= settings_.max_errors) throw Error(error);
  return wait;
}

}  // namespace recentd::mirror
