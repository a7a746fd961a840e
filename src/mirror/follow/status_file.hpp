#pragma once

#include <string>
#include <string_view>

#include <recentd/clock.hpp>
#include <recentd/mirror_report.hpp>

#include "state/mirror_state.hpp"

namespace recentd::mirror {

// What the file tells besides a pass's report; recentd.yaml(5), status_file.
struct StatusFileFacts {
  const state::MirrorState& state;
  const MirrorReport& report;
  std::string_view alarm, source;
};
// Replaces it as a whole. Throws Error{io, missing}.
void write_status_file(const std::string& path, const StatusFileFacts& facts, TimePoint now);

}  // namespace recentd::mirror
