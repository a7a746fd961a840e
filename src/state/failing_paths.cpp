#include "state/failing_paths.hpp"

#include <algorithm>
#include <functional>

#include "base/backoff.hpp"

namespace recentd::state {
namespace {

constexpr std::size_t k_failing_max = 10000;  // what more there are is tried each time; bounds the state
constexpr RetryTimes k_rest{std::chrono::seconds(1), std::chrono::seconds(k_longest_rest_s)};
constexpr RetryTimes k_breaker_rest{std::chrono::seconds(60), std::chrono::seconds(k_longest_rest_s)};

}  // namespace

void note_failure(MirrorState& state, std::string_view path, const EpochView& epoch, Failure failure,
                  TimePoint now) {
  auto found = state.failing.find(path);
  if (found == state.failing.end()) {
    if (state.failing.size() >= k_failing_max) return;
    found = state.failing.emplace(path, FailingPath{Epoch(epoch), 0, 0}).first;
  }
  auto& entry = found->second;
  if (entry.epoch != epoch) entry = {Epoch(epoch), 0, 0};
  ++entry.failures;
  const bool breaker = failure == Failure::broke_the_connection;
  if (breaker && entry.failures == 1) return;
  Backoff backoff(entry.failures - (breaker ? 2 : 1));
  Jitter jitter(std::hash<std::string_view>{}(path) + entry.failures);
  const auto rest = backoff.failed(breaker ? k_breaker_rest : k_rest, Trouble::unreachable, jitter);
  entry.retry_at_s = std::chrono::ceil<std::chrono::seconds>(now + rest).time_since_epoch().count();
}

void forget_failure(MirrorState& state, std::string_view path) {
  if (const auto found = state.failing.find(path); found != state.failing.end()) state.failing.erase(found);
}

}  // namespace recentd::state
