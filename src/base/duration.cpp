#include "base/duration.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "base/text.hpp"

namespace recentd {

std::string duration_text(std::int64_t seconds) {
  struct Unit {
    std::int64_t seconds;
    std::string_view name;
  };
  constexpr std::array<Unit, 4> k_units = {{{86400, "d"}, {3600, "h"}, {60, "min"}, {1, "s"}}};
  seconds = std::max<std::int64_t>(seconds, 0);
  for (std::size_t i = 0; i + 1 < k_units.size(); ++i) {
    const auto [large, name] = k_units[i];
    if (seconds < large) continue;
    const auto [small, rest_name] = k_units[i + 1];
    const auto rest = seconds % large / small;
    // Of more than ten of the one nobody wants the other.
    if (rest == 0 || seconds / large >= 10) return cat(seconds / large, " ", name);
    return cat(seconds / large, " ", name, " ", rest, " ", rest_name);
  }
  return cat(seconds, " s");
}

}  // namespace recentd
