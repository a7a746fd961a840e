#include "mirror/failing_paths.hpp"

#include <algorithm>
#include <functional>
#include <numeric>

#include "base/backoff.hpp"

namespace recentd::mirror {
namespace {

constexpr std::size_t k_failing_max = 10000;  // what more there are is tried each time; bounds the state
constexpr RetryTimes k_rest{std::chrono::seconds(1), std::chrono::seconds(k_longest_rest_s)};
constexpr RetryTimes k_breaker_rest{std::chrono::seconds(60), std::chrono::seconds(k_longest_rest_s)};

}  // namespace

void note_failure(state::MirrorState& state, std::string_view path, const EpochView& epoch, Failure failure,
                  TimePoint now) {
  auto found = state.failing.find(path);
  if (found == state.failing.end()) {
    if (state.failing.size() >= k_failing_max) return;
    found = state.failing.emplace(path, state::FailingPath{Epoch(epoch), 0, 0}).first;
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

void forget_failure(state::MirrorState& state, std::string_view path) {
  if (const auto found = state.failing.find(path); found != state.failing.end()) state.failing.erase(found);
}

std::string suspect(const std::vector<std::string>& names, const transport::FetchResult& result) {
  using Nature = transport::Problem::Nature;
  if (!result.problem) return {};
  if (result.problem->nature != Nature::unreachable && result.problem->nature != Nature::protocol) return {};
  std::vector<std::size_t> order(names.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return names[a] < names[b]; });
  const auto decided = [&](std::size_t i) { return result.outcomes[i] != transport::Outcome::not_tried; };
  const auto last = std::find_if(order.rbegin(), order.rend(), decided);
  return last.base() == order.end() ? std::string() : names[*last.base()];
}

}  // namespace recentd::mirror
