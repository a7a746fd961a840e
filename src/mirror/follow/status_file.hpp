#pragma once

#include <string>
#include <string_view>

#include <recentd/clock.hpp>
#include <recentd/mirror_report.hpp>

#include "state/mirror_state.hpp"

namespace recentd::mirror {

// What the file says that an operator named for his own tools: recentd.yaml(5), status_file.
struct StatusFile {
  std::string_view source;
  const MirrorReport& report;
  const state::MirrorState& state;
  std::string_view alarm;  // the kind of it; empty: none
  TimePoint time;
};

// Writes it anew. Throws Error{io}.
void write_status_file(const std::string& path, const StatusFile& status);

}  // namespace recentd::mirror
