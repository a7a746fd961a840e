#pragma once

#include <cstdint>
#include <string>

namespace recentd {

// A length of time for people, in its two largest units: "4 s", "12 min", "2 h 5 min", "3 d 1 h". What is
// negative is none.
std::string duration_text(std::int64_t seconds);

}  // namespace recentd
