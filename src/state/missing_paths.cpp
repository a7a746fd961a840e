#include "state/missing_paths.hpp"

#include <algorithm>
#include <bit>
#include <functional>

#include "base/backoff.hpp"

namespace recentd::state {
namespace {

constexpr std::size_t k_failing_max = 10000;  // what more there are is tried each time; bounds the state
constexpr std::size_t k_reason_bytes_max = 300;
// A file that was just replaced is announced again, or there, by the third look. Other trouble takes one
// more: the three attempts of a single run do not make it known, so the run that met it says so by its code.
constexpr std::uint64_t k_rounds_absent = 3, k_rounds_failing = 4;
constexpr RetryTimes k_rest{std::chrono::seconds(1), std::chrono::seconds(k_longest_rest_s)};
constexpr RetryTimes k_breaker_rest{std::chrono::seconds(60), std::chrono::seconds(k_longest_rest_s)};

std::int64_t seconds_of(TimePoint now) {
  return std::max<std::int64_t>(std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count(), 0);
}

// The pause after so many looks in vain: as long as all before it, less a bit by chance.
std::int64_t rest_after(std::uint64_t rounds, const RetryTimes& times, std::uint64_t seed) {
  Backoff backoff(rounds > 0 ? rounds - 1 : 0);
  Jitter jitter(seed + rounds);
  return std::chrono::ceil<std::chrono::seconds>(backoff.failed(times, Trouble::unreachable, jitter)).count();
}

bool is_over(const MissingPath& missing) noexcept {
  return missing.rounds >= (missing.absent ? k_rounds_absent : k_rounds_failing);
}

// Two looks count as two if there was time between them, and a fetch of the principal. A clock that was set
// back tells nothing, so the look counts.
bool is_another_round(const MissingPath& missing, const MirrorState& state, std::int64_t now_s) noexcept {
  if (missing.rounds == 0) return true;
  return state.fetches > missing.fetch &&
         (now_s < missing.looked_s || now_s - missing.looked_s >= k_between_looks_s);
}

}  // namespace

Missed note_missed(MirrorState& state, const std::string& path, const EpochView& epoch, const Look& look) {
  const bool absent = look.why == Why::absent;
  auto found = state.missing.find(path);
  if (found != state.missing.end() && found->second.epoch != epoch) {
    forget_missed(state, path);
    found = state.missing.end();
  }
  if (found == state.missing.end()) {
    if (!absent && state.missing.size() >= k_failing_max) return Missed::look_again;
    found = state.missing.emplace(path, MissingPath{.epoch = Epoch(epoch)}).first;
  }
  auto& entry = found->second;
  const auto now_s = seconds_of(look.now);
  entry.absent = absent;
  entry.reason = look.reason.substr(0, k_reason_bytes_max);
  const bool another = is_another_round(entry, state, now_s);
  if (another) {
    ++entry.rounds;
    entry.fetch = state.fetches;
    entry.looked_s = now_s;
    if (entry.since_s == 0 || entry.since_s > now_s) entry.since_s = now_s;
    const auto seed = std::hash<std::string>{}(path);
    const bool breaker = look.why == Why::breaks_connection;
    if (!breaker || entry.rounds > 1)
      entry.retry_at_s = now_s + (breaker ? rest_after(entry.rounds - 1, k_breaker_rest, seed)
                                          : rest_after(entry.rounds, k_rest, seed));
  }
  if (entry.known) return another && std::has_single_bit(entry.rounds) ? Missed::known_again : Missed::known;
  if (look.many || !is_over(entry)) return Missed::look_again;
  entry.known = true;
  return Missed::known_now;
}

bool is_held(const MissingPath& missing) noexcept {
  return !missing.known && is_over(missing);
}

bool let_held_be_known(MirrorState& state) {
  bool any = false;
  for (auto& [path, missing] : state.missing)
    if (is_held(missing)) missing.known = any = true;
  return any;
}

// A time of the far future was noted before the clock jumped back.
bool is_due(const MissingPath& missing, std::int64_t now_s, When when) noexcept {
  if (missing.retry_at_s <= now_s || missing.retry_at_s > now_s + k_longest_rest_s) return true;
  return when == When::or_young && (!missing.known || now_s - missing.since_s < k_young_s);
}

void put_off(MissingPath& missing, std::int64_t now_s) {
  missing.retry_at_s = std::max<std::int64_t>(now_s, 0) + rest_after(missing.rounds, k_rest, missing.rounds);
}

void make_due(MirrorState& state, bool absent) {
  for (auto& [path, missing] : state.missing)
    if (missing.known && missing.absent == absent) missing.retry_at_s = 0;
}

bool forget_missed(MirrorState& state, std::string_view path) {
  const auto found = state.missing.find(path);
  if (found == state.missing.end()) return false;
  const bool known = found->second.known;
  if (known) state.shown_gone.insert(found->first);
  state.missing.erase(found);
  return known;
}

void forget_open(MirrorState& state) {
  std::erase_if(state.missing, [](const auto& entry) { return !entry.second.known; });
}

bool note_failed_delete(PendingDelete& pending, std::string_view path, std::string reason, TimePoint now) {
  const auto now_s = seconds_of(now);
  pending.reason = std::move(reason);
  pending.reason.resize(std::min(pending.reason.size(), k_reason_bytes_max));
  if (pending.rounds > 0 && now_s >= pending.looked_s && now_s - pending.looked_s < k_between_looks_s)
    return false;
  ++pending.rounds;
  pending.looked_s = now_s;
  pending.retry_at_s = now_s + rest_after(pending.rounds, k_rest, std::hash<std::string_view>{}(path));
  return true;
}

bool is_due(const PendingDelete& pending, std::int64_t now_s, When when) noexcept {
  return pending.retry_at_s <= now_s || pending.retry_at_s > now_s + k_longest_rest_s ||
         (when == When::or_young && is_open(pending));
}

bool is_open(const PendingDelete& pending) noexcept {
  return pending.rounds > 0 && pending.rounds < k_rounds_failing;
}

std::uint64_t count_failed_deletes(const MirrorState& state) noexcept {
  return static_cast<std::uint64_t>(
      std::ranges::count_if(state.deletes, [](const auto& entry) { return entry.second.rounds > 0; }));
}

std::uint64_t count_known(const MirrorState& state) noexcept {
  return static_cast<std::uint64_t>(
      std::ranges::count_if(state.missing, [](const auto& entry) { return entry.second.known; }));
}

std::uint64_t count_held(const MirrorState& state) noexcept {
  return static_cast<std::uint64_t>(
      std::ranges::count_if(state.missing, [](const auto& entry) { return is_held(entry.second); }));
}

}  // namespace recentd::state
