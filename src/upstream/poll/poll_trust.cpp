#include "upstream/poll/poll_trust.hpp"

#include <algorithm>

namespace recentd::upstream {

bool PollTrust::may_look(Time now) const noexcept {
  return now >= rests_until_ && asked_at_ && now < *asked_at_ + times_.check_interval;
}

PollTrust::Verdict PollTrust::seen(OnShow what, Time now, Time pause) noexcept {
  if (what == OnShow::same || what == OnShow::ahead) {
    differs_since_.reset();
    backoff_.succeeded();
    return {what == OnShow::same, {}};
  }
  if (!differs_since_) differs_since_ = now;
  if (what != OnShow::nothing && now < *differs_since_ + times_.max_lag) return {};
  rests_until_ = now + std::max(pause, backoff_.failed(times_.retries, Trouble::unreachable, jitter_));
  return {false, differs_since_};
}

}  // namespace recentd::upstream
