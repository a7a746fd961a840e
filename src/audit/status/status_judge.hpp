#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "audit/status/status_look.hpp"

namespace recentd::audit {

// From what age on a tree's health is worse than that.
struct StatusLimits {
  std::chrono::seconds max_lag{900};                 // since a mirror was up to date
  std::optional<std::chrono::seconds> max_age = {};  // since the newest event; nothing: any
};

// As monitoring programs have it; the number is their exit code.
enum class Severity : std::uint8_t { ok = 0, warning = 1, critical = 2, unknown = 3 };

struct Health {
  Severity severity = Severity::ok;
  std::string text;  // what is wrong first, or that all is well; one line
};

// Seconds since the mirror had all that its upstream told; nothing: it never had.
std::optional<std::int64_t> lag_s(const StatusFacts& facts, std::int64_t now_s);
// Seconds since the newest event that is visible.
std::optional<std::int64_t> age_s(const StatusFacts& facts, std::int64_t now_s);

// Pure; recentd-mirror(7), Status.
Health judge(const StatusFacts& facts, const StatusLimits& limits, std::int64_t now_s);
// All that is to be told of it, a line each, the health first.
std::vector<std::string> status_lines(const StatusFacts& facts, const StatusLimits& limits,
                                      std::int64_t now_s);

}  // namespace recentd::audit
