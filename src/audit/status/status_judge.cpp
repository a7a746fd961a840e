#include "audit/status/status_judge.hpp"

#include <algorithm>

#include "base/count.hpp"
#include "base/duration.hpp"
#include "base/shell_word.hpp"
#include "base/text.hpp"
#include "base/utc.hpp"

namespace recentd::audit {
namespace {

using state::MirrorStatus;

std::string ago(std::int64_t then_s, std::int64_t now_s) {
  return duration_text(now_s - then_s) + " ago";
}

std::string alarm_text(const MirrorStatus& status) {
  if (status.alarm == "rollback") return "the upstream fell behind what it had shown before";
  if (status.alarm == "other_tree") return "the upstream shows another tree";
  if (status.alarm == "missing") return "the upstream lacks many files that its index names";
  if (status.alarm == "digest") return "files came with other content than their events record";
  if (status.alarm == "max_age") return "the upstream stands still";
  return {};
}

std::string held_text(const MirrorStatus& status) {
  return cat(counted(status.held_deletes, "delete"), " of ", counted(status.held_of, "file"), " held back");
}

// What is wrong with a mirror, the worst first.
Health judge_mirror(const StatusFacts& facts, const StatusLimits& limits, std::int64_t now_s) {
  if (!facts.status)
    return {Severity::unknown, "no mirror has noted how it fares here; one of this version has to run"};
  const auto& status = *facts.status;
  const auto lag = lag_s(facts, now_s);
  const auto cause = status.trouble.empty() ? std::string() : cat(": ", status.trouble);
  if (!lag) {
    if (facts.process && status.trouble.empty()) return {Severity::warning, "the first copy is under way"};
    return {Severity::critical, cat("the first copy is not complete", cause)};
  }
  if (const auto alarm = alarm_text(status); !alarm.empty()) return {Severity::critical, alarm + cause};
  if (*lag > limits.max_lag.count())
    return {Severity::critical, cat("not up to date for ", duration_text(*lag), cause)};
  if (status.held_deletes > 0) return {Severity::warning, held_text(status)};
  if (!status.trouble.empty())
    return {Severity::warning, cat("trouble for ", duration_text(now_s - status.trouble_since_s), cause)};
  if (status.failed_deletes > 0)
    return {Severity::warning, cat(counted(status.failed_deletes, "file"), " cannot be removed here")};
  if (!status.up_to_date) return {Severity::ok, cat("at work, up to date ", ago(status.current_s, now_s))};
  return {Severity::ok, cat("up to date ", ago(status.current_s, now_s))};
}

Health judge_origin(const StatusFacts& facts) {
  if (!facts.newest) return {Severity::ok, "an origin without events"};
  return {Severity::ok, "an origin"};
}

class Lines {
 public:
  Lines(const StatusFacts& facts, std::int64_t now_s) : facts_(facts), now_s_(now_s) {}

  std::vector<std::string> all(const Health& health) {
    lines_.push_back(cat(escaped(facts_.place), ": ", health.text));
    if (facts_.mirror && facts_.status) tell_mirror(*facts_.status);
    tell_index();
    return std::move(lines_);
  }

 private:
  void add(std::string line) { lines_.push_back("  " + std::move(line)); }
  [[nodiscard]] std::string when(std::int64_t time_s) const {
    return time_s > 0 ? ago(time_s, now_s_) : std::string("never");
  }

  void tell_mirror(const MirrorStatus& status) {
    add(cat("mirror of ", status.source, ", last answer ", when(status.answered_s), ", last news ",
            when(status.news_s)));
    if (facts_.process) {
      add(cat("process ", *facts_.process, status.follows ? " follows it, since " : " works on it, since ",
              ago(status.begun_s, now_s_), next_poll(status)));
    } else if (status.follows) {
      add(cat("no process follows it any more; the last one noted this ", ago(status.noted_s, now_s_)));
    }
    if (facts_.process && status.working_s > 0) tell_work(status);
    if (!status.trouble.empty())
      add(cat("failed ", counted(status.failures, "time"), " since ",
              utc_text(Utc(std::chrono::seconds(status.trouble_since_s))).substr(0, 19), "Z (",
              ago(status.trouble_since_s, now_s_), "): ", status.trouble));
    if (status.open > 0)
      add(cat(counted(status.open, "path"), status.open >= 100 ? " or more" : "", " left to do"));
    if (status.held_deletes > 0)
      add(cat(held_text(status), "; `recentd status --held ", shell_word(facts_.place),
              "` lists them, `recentd mirror SOURCE ", shell_word(facts_.place),
              " --accept-deletes` does them"));
    if (status.known_missing > 0)
      add(cat(counted(status.known_missing, "path"),
              " cannot be had and count as done; `recentd why PATH` tells why"));
    if (status.failed_deletes > 0)
      add(cat(counted(status.failed_deletes, "file"),
              " cannot be removed here; `recentd why PATH` tells why"));
  }

  [[nodiscard]] std::string next_poll(const MirrorStatus& status) const {
    if (!status.follows || status.next_s <= now_s_) return {};
    return cat(", next poll in ", duration_text(status.next_s - now_s_));
  }

  void tell_work(const MirrorStatus& status) {
    const auto seconds = std::max<std::int64_t>(status.noted_s - status.working_s, 1);
    add(cat("at work on ", escaped(status.level), " for ", duration_text(now_s_ - status.working_s), ": ",
            counted(status.settled, "file"), " so far, ",
            status.settled / static_cast<std::uint64_t>(seconds), " a second"));
  }

  void tell_index() {
    if (const auto age = age_s(facts_, now_s_)) {
      std::string line = cat("newest event ", duration_text(*age), " ago");
      if (!facts_.mirror && facts_.aggregated_s)
        line += cat(", last aggregated ", ago(*facts_.aggregated_s, now_s_));
      add(std::move(line));
    }
  }

  const StatusFacts& facts_;
  std::int64_t now_s_;
  std::vector<std::string> lines_;
};

}  // namespace

std::optional<std::int64_t> lag_s(const StatusFacts& facts, std::int64_t now_s) {
  if (!facts.status || facts.status->current_s == 0) return std::nullopt;
  return std::max<std::int64_t>(now_s - facts.status->current_s, 0);
}

std::optional<std::int64_t> age_s(const StatusFacts& facts, std::int64_t now_s) {
  if (!facts.newest) return std::nullopt;
  return std::max<std::int64_t>(now_s - facts.newest->key().seconds, 0);
}

Health judge(const StatusFacts& facts, const StatusLimits& limits, std::int64_t now_s) {
  if (!facts.trouble.empty()) return {Severity::unknown, facts.trouble};
  auto health = facts.mirror ? judge_mirror(facts, limits, now_s) : judge_origin(facts);
  const auto age = age_s(facts, now_s);
  if (limits.max_age && age && *age > limits.max_age->count() && health.severity < Severity::critical)
    health = {Severity::critical, cat("the newest event is ", duration_text(*age), " old")};
  return health;
}

std::vector<std::string> status_lines(const StatusFacts& facts, const StatusLimits& limits,
                                      std::int64_t now_s) {
  return Lines(facts, now_s).all(judge(facts, limits, now_s));
}

}  // namespace recentd::audit
