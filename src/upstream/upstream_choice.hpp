#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include <recentd/epoch.hpp>

#include "base/backoff.hpp"

namespace recentd::upstream {

struct ChoiceTimes {
  RetryTimes retries;
  std::chrono::nanoseconds probe_interval =
      std::chrono::minutes(5);                                 // between two looks at one of the others
  std::chrono::nanoseconds max_lag = std::chrono::minutes(2);  // how long one may lack what another has
};

// What a valid principal of an upstream told.
struct UpstreamStatus {
  std::optional<Epoch> newest;
  std::optional<std::string> dirtymark;
  bool plausible = true;                    // its newest event does not lie in the future
  std::optional<std::string> part_of = {};  // see LevelFacts

  // Under the same one the same epochs mean the same content.
  [[nodiscard]] const std::optional<std::string>& content_mark() const {
    return part_of ? part_of : dirtymark;
  }
};

// Decides which of several upstreams of one tree is followed. The freshest one that works is taken first, and
// kept: it is left only when it fails, or when it still lacks after `max_lag` what another one had twice in a
// row. A partial mirror is not followed as long as one of the others may be none: what it leaves out would
// count as deleted. The others are looked at now and then. Pure: told the time and what was seen, it says
// what to do.
class UpstreamChoice {
 public:
  enum class Reason {
    same,     // goes on with the one before
    first,    // the freshest at the start
    failing,  // the one before failed, or was rolled back
    lagging,  // the one before lags
    partial,  // the one before turned out to be a partial mirror
  };
  struct Next {
    std::size_t upstream = 0;
    std::chrono::nanoseconds wait{0};  // not before; 0: now
    Reason reason = Reason::same;
  };

  UpstreamChoice(std::size_t count, ChoiceTimes times, std::uint64_t seed);

  // One of the others that is to be looked at now. At the start this is each of them.
  [[nodiscard]] std::optional<std::size_t> probe_due(std::chrono::nanoseconds now) const;
  // Which one to poll next.
  [[nodiscard]] Next next(std::chrono::nanoseconds now) const;
  // It is followed from now on.
  void follow(std::size_t i);
  // What is mirrored is a part of the tree already, so that partial mirrors are followed as well; or not.
  void accept_parts(bool accept) noexcept { parts_are_fit_ = accept; }
  // Whether it may be followed, as far as it is known.
  [[nodiscard]] bool is_fit(std::size_t i) const;
  // Whether it would not be if it were a partial mirror.
  [[nodiscard]] bool has_to_be_whole(std::size_t i) const;

  // A poll or a look went well.
  void seen(std::size_t i, const UpstreamStatus& status, std::chrono::nanoseconds now);
  // It did not, or the upstream was rolled back. It is left alone for `pause` at least, as it wished.
  void failed(std::size_t i, Trouble trouble, std::chrono::nanoseconds now,
              std::chrono::nanoseconds pause = {});

  // What was to be left alone for a while may be asked at once.
  void retry_now() noexcept;

  [[nodiscard]] std::size_t count() const noexcept { return upstreams_.size(); }
  [[nodiscard]] bool works(std::size_t i) const { return upstreams_[i].works; }
  [[nodiscard]] const std::optional<UpstreamStatus>& status(std::size_t i) const {
    return upstreams_[i].status;
  }
  [[nodiscard]] std::chrono::nanoseconds retry_at(std::size_t i) const { return upstreams_[i].retry_at; }

 private:
  using Time = std::chrono::nanoseconds;
  struct Ahead {
    Epoch newest;
    Time since;
  };
  struct Upstream {
    Backoff backoff;
    Time retry_at{0}, probe_at{0}, seen_at{0};
    std::optional<UpstreamStatus> status;  // the last one, valid while it works
    bool works = false;                    // the last contact went well
    std::optional<Ahead> ahead;            // what it had first that the current one lacks
  };
  [[nodiscard]] bool fresher(std::size_t a, std::size_t b) const;
  [[nodiscard]] std::optional<std::size_t> freshest(Time now) const;
  [[nodiscard]] std::size_t may_be_tried_first() const;
  [[nodiscard]] std::optional<std::size_t> overtaken_by(Time now) const;
  void note_ahead(std::size_t i, Time now);

  std::vector<Upstream> upstreams_;
  ChoiceTimes times_;
  Jitter jitter_;
  std::optional<std::size_t> current_;
  bool parts_are_fit_ = false;
};

}  // namespace recentd::upstream
