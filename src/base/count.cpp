#include "base/count.hpp"

namespace recentd {

std::string size_text(std::uint64_t bytes) {
  constexpr std::string_view k_units[] = {" kB", " MB", " GB", " TB", " PB", " EB"};
  if (bytes < 1000) return cat(bytes, " B");
  std::size_t unit = 0;
  // What would be rounded to 1000 of one unit is 1 of the next.
  for (; bytes >= 999'500; bytes = bytes / 1000 + (bytes % 1000 >= 500 ? 1 : 0)) ++unit;
  const auto tenths = (bytes + 50) / 100;
  if (tenths >= 100) return cat((bytes + 500) / 1000, k_units[unit]);
  return cat(tenths / 10, ".", tenths % 10, k_units[unit]);
}

std::string grouped(std::uint64_t number) {
  auto text = std::to_string(number);
  for (auto at = static_cast<std::ptrdiff_t>(text.size()) - 3; at > 0; at -= 3)
    text.insert(static_cast<std::size_t>(at), ",");
  return text;
}

}  // namespace recentd
