#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include <recentd/epoch.hpp>
#include <recentd/mirror_report.hpp>

namespace recentd::mirror {

// A pass of a loop, as the log tells it.
struct PassFacts {
  std::string_view target;  // the directory, by whose name it is called
  const MirrorReport& report;
  std::chrono::nanoseconds took{0};
  const Epoch* newest = nullptr;  // of the upstream's principal; nullptr: it was not had
  TimePoint now{};
};

// "pub: 14 new, 2 deleted, 3.1 MB in 0.8 s, up to date, 2 s behind". Pure.
std::string pass_line(const PassFacts& facts);

// Which passes are told: the first one, those that brought or left something else than the one before, and
// none that found nothing new.
class PassTold {
 public:
  bool is_news(const MirrorReport& report);

 private:
  struct Left {
    bool up_to_date, rolled_back, other_tree;
    std::uint64_t open, held;
    bool operator==(const Left&) const = default;
  };
  std::optional<Left> last_;
};

}  // namespace recentd::mirror
