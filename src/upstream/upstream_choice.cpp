#include "upstream/upstream_choice.hpp"

#include <algorithm>

namespace recentd::upstream {
namespace {

constexpr double k_probe_spread = 0.25;

// Both are epochs; what is none is as good as any other.
bool older(const std::optional<std::string>& a, const std::optional<std::string>& b) {
  const auto first = a ? Epoch::parse(*a) : std::nullopt, second = b ? Epoch::parse(*b) : std::nullopt;
  return first && second && *first < *second;
}

}  // namespace

UpstreamChoice::UpstreamChoice(std::size_t count, ChoiceTimes times, std::uint64_t seed)
    : upstreams_(count), times_(times), jitter_(seed) {}

std::optional<std::size_t> UpstreamChoice::probe_due(std::chrono::nanoseconds now) const {
  if (upstreams_.size() < 2) return {};
  for (std::size_t i = 0; i < upstreams_.size(); ++i)
    if (i != current_ && upstreams_[i].probe_at <= now && upstreams_[i].retry_at <= now) return i;
  return {};
}

// Whether a is to be preferred to b: both work.
bool UpstreamChoice::fresher(std::size_t a, std::size_t b) const {
  const UpstreamStatus &first = *upstreams_[a].status, &second = *upstreams_[b].status;
  if (first.plausible != second.plausible) return first.plausible;
  if (first.part_of.has_value() != second.part_of.has_value()) return second.part_of.has_value();
  if (older(first.dirtymark, second.dirtymark)) return false;
  if (older(second.dirtymark, first.dirtymark)) return true;
  if (!first.newest || !second.newest) return first.newest.has_value() && !second.newest;
  return *first.newest > *second.newest;
}

// One that was never seen, or does not work for now, may list the whole tree.
bool UpstreamChoice::has_to_be_whole(std::size_t i) const {
  for (std::size_t k = 0; k < upstreams_.size() && !parts_are_fit_; ++k)
    if (k != i && !(upstreams_[k].status && upstreams_[k].status->part_of)) return true;
  return false;
}

bool UpstreamChoice::is_fit(std::size_t i) const {
  return !upstreams_[i].status || !upstreams_[i].status->part_of || !has_to_be_whole(i);
}

// Of those that worked last time; if none did, the one that may be tried again and was not for the longest.
std::optional<std::size_t> UpstreamChoice::freshest(Time now) const {
  std::optional<std::size_t> best;
  for (std::size_t i = 0; i < upstreams_.size(); ++i)
    if (upstreams_[i].works && upstreams_[i].status && is_fit(i) && (!best || fresher(i, *best))) best = i;
  if (best) return best;
  const auto soonest = may_be_tried_first();
  return upstreams_[soonest].retry_at <= now ? std::optional(soonest) : std::nullopt;
}

std::size_t UpstreamChoice::may_be_tried_first() const {
  std::optional<std::size_t> best;
  for (std::size_t i = 0; i < upstreams_.size(); ++i)
    if (is_fit(i) && (!best || upstreams_[i].retry_at < upstreams_[*best].retry_at)) best = i;
  return best.value_or(0);  // some one is fit always
}

// The one that had, at two looks at least, what the current one still lacks after all that time.
std::optional<std::size_t> UpstreamChoice::overtaken_by(Time now) const {
  std::optional<std::size_t> best;
  const Upstream& current = upstreams_[*current_];
  for (std::size_t i = 0; i < upstreams_.size(); ++i) {
    const Upstream& other = upstreams_[i];
    if (i == *current_ || !other.works || !other.ahead || !other.status->plausible || !is_fit(i)) continue;
    const auto since = other.ahead->since;
    const bool late = now - since >= times_.max_lag && current.seen_at - since >= times_.max_lag;
    if (late && other.seen_at > since && (!best || fresher(i, *best))) best = i;
  }
  return best;
}

UpstreamChoice::Next UpstreamChoice::next(Time now) const {
  const bool fit = !current_ || is_fit(*current_);
  if (current_ && fit && upstreams_[*current_].works) {
    const auto better = overtaken_by(now);
    return better ? Next{*better, {}, Reason::lagging} : Next{*current_, {}, Reason::same};
  }
  const auto best = freshest(now);
  if (best) {
    if (!current_) return {*best, {}, Reason::first};
    if (best == current_) return {*best, {}, Reason::same};
    return {*best, {}, fit ? Reason::failing : Reason::partial};
  }
  const auto soonest = may_be_tried_first();
  return {soonest, upstreams_[soonest].retry_at - now, Reason::same};
}

void UpstreamChoice::follow(std::size_t i) {
  if (current_ == i) return;
  current_ = i;
  for (auto& upstream : upstreams_) upstream.ahead.reset();
}

// Keeps count of who had something first, until the current one has it as well.
void UpstreamChoice::note_ahead(std::size_t i, Time now) {
  if (!current_ || !upstreams_[*current_].status) return;
  const auto& known = upstreams_[*current_].status->newest;
  for (auto& upstream : upstreams_)
    if (upstream.ahead && known && *known >= upstream.ahead->newest) upstream.ahead.reset();
  // What it does not tell any more was none.
  auto& own = upstreams_[i];
  if (own.ahead && (!own.status->newest || *own.status->newest < own.ahead->newest)) own.ahead.reset();
  Upstream& upstream = upstreams_[i];
  if (i == *current_ || upstream.ahead || !upstream.status->newest || !upstream.status->plausible) return;
  if (known && *known >= *upstream.status->newest) return;
  if (older(upstream.status->dirtymark, upstreams_[*current_].status->dirtymark)) return;
  upstream.ahead = Ahead{*upstream.status->newest, now};
  upstream.probe_at = std::min(upstream.probe_at, now + times_.max_lag);
}

void UpstreamChoice::seen(std::size_t i, const UpstreamStatus& status, Time now) {
  Upstream& upstream = upstreams_[i];
  upstream.backoff.succeeded();
  upstream.retry_at = {};
  upstream.works = true;
  upstream.status = status;
  upstream.seen_at = now;
  const auto spread = k_probe_spread * jitter_.next() * static_cast<double>(times_.probe_interval.count());
  upstream.probe_at = now + times_.probe_interval + Time(static_cast<std::int64_t>(spread));
  note_ahead(i, now);
}

void UpstreamChoice::failed(std::size_t i, Trouble trouble, Time now, Time pause) {
  Upstream& upstream = upstreams_[i];
  upstream.retry_at = now + std::max(upstream.backoff.failed(times_.retries, trouble, jitter_), pause);
  upstream.works = false;
  upstream.ahead.reset();
  // Who is not followed is not looked at more often because it fails.
  if (i != current_) upstream.probe_at = std::max(upstream.retry_at, now + times_.probe_interval);
}

void UpstreamChoice::retry_now() noexcept {
  for (auto& upstream : upstreams_) upstream.retry_at = {};
}

}  // namespace recentd::upstream
