#pragma once

#include <optional>
#include <string>
#include <vector>

#include <recentd/clock.hpp>

#include "audit/machine/finding.hpp"
#include "settings/tree_config.hpp"

namespace recentd::audit {

// Asks each source of a configured mirror what it is, as `recentd doctor SOURCE` does, and tells whether it
// can be mirrored. Of several sources one is enough. Of an origin nothing is asked. Throws Error{io}.
std::vector<MachineFinding> check_upstreams(const settings::TreeConfig& tree, Clock& clock);

// What the answers mean: for each source its name and what is wrong with it, or nothing. Pure.
struct UpstreamAnswer {
  std::string source;
  std::string verdict;
  std::optional<Kind> fault = {};
};
std::vector<MachineFinding> judge_upstreams(const std::string& tree,
                                            const std::vector<UpstreamAnswer>& answers);

}  // namespace recentd::audit
