#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/text.hpp"

namespace recentd {

// "1 file", "2 files", for messages. The noun is one whose plural ends in s.
inline std::string counted(std::uint64_t count, std::string_view noun) {
  return cat(count, " ", noun, count == 1 ? "" : "s");
}

// An amount of bytes for people, in powers of 1000: "999 B", "3.1 MB", "12 GB".
std::string size_text(std::uint64_t bytes);
// A number with commas between thousands: "1,234,567".
std::string grouped(std::uint64_t number);

}  // namespace recentd
