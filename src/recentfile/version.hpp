#pragma once

namespace recentd {

// What Producers says about us; the project's version.
inline constexpr const char* k_version = "0.1.0";

}  // namespace recentd
