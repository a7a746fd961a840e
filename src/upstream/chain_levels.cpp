// The chain's levels: which there are, which are due, what is worked off of them.

#include <algorithm>

#include <recentd/error.hpp>

#include "base/log.hpp"
#include "base/text.hpp"
#include "upstream/chain.hpp"

namespace recentd::upstream {
namespace {

const Log k_log("mirror");

constexpr auto k_levels_limit = std::chrono::hours(1);  // the largest known have 1.2 GB
constexpr std::size_t k_levels_max = 32;
constexpr std::int64_t k_retry_first_s = 1, k_retry_longest_s = 600;
constexpr int k_rounds_max = 4;  // of fetching what the round before made due

std::int64_t wall_s(const Clock& clock) {
  return std::chrono::floor<std::chrono::seconds>(clock.now()).time_since_epoch().count();
}

}  // namespace

void Chain::tell_skipped(const std::string& index, const LevelFacts& facts,
                         const std::optional<LevelFacts>& before) {
  for (const auto& remark : remarks_on_skipped(facts, before)) k_log.warning(remark, {{"index", index}});
}

std::int64_t Chain::steady_s() const {
  return std::chrono::floor<std::chrono::seconds>(clock_.steady()).count();
}

LevelStatus Chain::level_status(const Interval& interval) {
  LevelStatus level{.interval = interval};
  level.name = name_of(level).file();
  level.facts = cache_.facts(level.name);
  shown_.look(level);
  return level;
}

void Chain::begin_chain(const std::string& file) {
  levels_.clear();
  levels_.push_back(level_status(*Interval::parse(principal_.interval)));
  bookkeeping_ = Bookkeeping(principal_.filenameroot);
  progress_.note_principal(file);
}

// The levels as the principal's aggregator names them now.
void Chain::adopt_levels() {
  std::vector<std::string> remarks;
  const auto order =
      level_order(*Interval::parse(principal_.interval),
                  levels_.front().facts->aggregator.value_or(std::vector<std::string>{}), &remarks);
  if (order.size() > k_levels_max)
    throw Error(Kind::corrupt, cat("index ", quoted(levels_.front().name), " names ", order.size(),
                                   " levels; more than ", k_levels_max, " are refused"));
  const bool same =
      std::ranges::equal(order, levels_, {}, {}, [](const LevelStatus& level) { return level.interval; });
  if (same) return;
  FirstFew first_few;
  for (const auto& remark : remarks)
    if (first_few.note("remarks")) k_log.info(remark);
  first_few.end([](std::string_view, std::uint64_t more) {
    k_log.info(cat("and ", more, " more remarks on the levels that the index names"));
  });
  std::vector<LevelStatus> chain;
  for (const auto& interval : order) {
    const auto known = std::ranges::find(levels_, interval, &LevelStatus::interval);
    chain.push_back(known != levels_.end() ? std::move(*known) : level_status(interval));
  }
  levels_ = std::move(chain);
}

void Chain::adopt_dirtymark() {
  const auto& dirtymark = levels_.front().facts->dirtymark;
  if (const auto before = progress_.follow_dirtymark(dirtymark))
    observer_.dirtymark_changed(*before, *dirtymark);
}

std::vector<std::size_t> Chain::needed() {
  std::vector<std::size_t> needed;
  for (std::size_t i = 1; i < levels_.size(); ++i) {
    const auto need = need_of(levels_, i);
    if (need == Need::none) continue;
    // That a level is ahead is no question that an answer could be given to.
    const bool may_wait = need == Need::ahead || is_answered(levels_, i);
    if (levels_[i].retry_at_s <= steady_s() || !may_wait) needed.push_back(i);
  }
  return needed;
}

bool Chain::is_wanting() const {
  for (std::size_t i = 1; i < levels_.size(); ++i)
    if (need_of(levels_, i) != Need::none) return true;
  return false;
}

void Chain::take_level(std::size_t i, IndexCache::Item& item) {
  using Fetched = IndexCache::Fetched;
  LevelStatus& level = levels_[i];
  if (item.what == Fetched::broken) {
    if (const auto line = trouble_.note(item.message)) k_log.error(*line);
  } else if (item.what == Fetched::absent) {
    level.absent = !level.facts;
  } else if (item.what == Fetched::changed) {
    tell_skipped(level.name, *item.facts, level.facts);
    level.facts = std::move(item.facts);
    level.absent = false;
    level.retry_delay_s = 0;
    shown_.look(level);
  }
  level.wants_whole = false;
  if (need_of(levels_, i) == Need::none) return;
  if (item.by_deltas) {
    level.wants_whole = true;  // the offer may be an old one: that is no answer yet
    return;
  }
  if (item.what == Fetched::same || item.what == Fetched::changed || item.what == Fetched::older)
    note_answer(levels_, i);
  ask_later(level);
}

// The upstream has nothing better yet: ask again later, and ever less often.
void Chain::ask_later(LevelStatus& level) {
  level.retry_delay_s = std::clamp(level.retry_delay_s * 2, k_retry_first_s, k_retry_longest_s);
  level.retry_at_s = steady_s() + level.retry_delay_s;
  if (level.retry_delay_s < k_retry_longest_s) return;
  if (const auto line = trouble_.note("the upstream's larger index lags behind its smaller one"))
    k_log.warning(*line, {{"index", level.name}});
}

// An index fetched after the principal may know more than it.
bool Chain::is_ahead_of_principal() const {
  for (std::size_t i = 1; i < levels_.size(); ++i) {
    if (!levels_[i].facts || !levels_[i].facts->newest || !dirtymark_matches(levels_, i)) continue;
    const auto bound = vouched_for(levels_, i);
    if (bound && *levels_[i].facts->newest > *bound) return true;
  }
  return false;
}

bool Chain::fetch_needed() {
  for (int round = 0; round < k_rounds_max; ++round) {
    const auto due = needed();
    if (due.empty()) return true;
    std::vector<std::string> names;
    IndexCache::AllBounds bounds;
    for (const auto i : due) {
      names.push_back(levels_[i].name);
      // A copy that is worse than ours is none to work with, unless its history is another one, or ours tells
      // of a future that the principal does not know any more.
      const auto& facts = levels_[i].facts;
      if (facts && facts->dirtymark && need_of(levels_, i) != Need::ahead)
        bounds[names.back()] = {facts->newest, facts->dirtymark, {}};
      bounds[names.back()].by_deltas = !levels_[i].wants_whole;
      bounds[names.back()].smaller = levels_[i - 1].name;
    }
    cache_.set_time_limit(k_levels_limit);
    auto result = fetch(names, bounds);
    for (const auto i : due) take_level(i, result.items[levels_[i].name]);
    if (problem_) return false;
    if (is_ahead_of_principal() && !refresh()) return false;
  }
  return true;
}

bool Chain::is_trusted(std::size_t i) {
  return trusted(levels_, i, progress_.level(levels_[i].interval.spec()), wall_s(clock_));
}

bool Chain::is_complete(std::size_t i) {
  const LevelStatus& level = levels_[i];
  if (!level.facts) return level.absent;
  return is_trusted(i) && complete(level, progress_.level(level.interval.spec()));
}

void Chain::prepare_done(std::size_t i) {
  const LevelStatus& level = levels_[i];
  if (!progress_.follow_level(level.interval.spec(), level.facts->dirtymark)) return;
  if (!dirtymark_matches(levels_, i))
    k_log.warning("this level's dirtymark has differed from the principal's for long; it is accepted",
                  {{"index", level.name}});
}

void Chain::inherit_done(std::size_t i) {
  if (!is_complete(i)) return;
  for (std::size_t k = i + 1; k < levels_.size(); ++k) {
    if (!levels_[k].facts) continue;
    if (!dirtymark_matches(levels_, k)) return;
    prepare_done(k);
    auto& larger = progress_.level(levels_[k].interval.spec());
    const Done before = larger.done;
    larger.done.merge(progress_.level(levels_[i].interval.spec()).done);
    if (!(before == larger.done)) progress_.note_changed();
    return;
  }
}

}  // namespace recentd::upstream
