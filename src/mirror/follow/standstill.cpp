#include "mirror/follow/standstill.hpp"

#include "base/text.hpp"
#include "model/clock_slack.hpp"

namespace recentd::mirror {

// What lies in the future says nothing of when it was written.
bool Standstill::stands(const Look& look) const {
  if (max_age_.count() <= 0) return false;
  const auto limit = Epoch::from_time(look.now - max_age_);
  const auto written = look.written ? std::optional(Epoch::from_time(*look.written)) : std::nullopt;
  bool known = false;
  for (const auto& moved : {look.newest, written}) {
    if (!moved || !is_believable(moved, look.now)) continue;
    if (*moved > limit) return false;
    known = true;
  }
  return known;
}

std::optional<Standstill::Word> Standstill::look(const Look& look) {
  const bool before = alarmed_;
  alarmed_ = stands(look);
  if (!alarmed_) {
    reminder_.over();
    if (!before) return {};
    return Word{false, "the upstream's index moves again"};
  }
  if (!reminder_.due(look.steady)) return {};
  const auto seconds = std::chrono::floor<std::chrono::seconds>(max_age_).count();
  return Word{true, cat("ALARM: the upstream stands still: neither its newest event ",
                        look.newest ? look.newest->text() : std::string("(it has none)"),
                        " nor its index is younger than max_age (", seconds,
                        " seconds); look whether its origin still announces what changes")};
}

}  // namespace recentd::mirror
