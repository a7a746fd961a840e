#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "audit/status/status_judge.hpp"

namespace recentd::audit {

// A tree as metrics tell of it.
struct MeasuredTree {
  std::string name;  // raw bytes
  StatusFacts facts;
  Health health;
};

// Their figures as OpenMetrics text, which Prometheus and the textfile collector of its node exporter read.
// Times are seconds since 1970, so that a file that nobody writes any more shows. Pure; names are escaped.
std::string status_metrics(const std::vector<MeasuredTree>& trees, std::int64_t now_s);

}  // namespace recentd::audit
