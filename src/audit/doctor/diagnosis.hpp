#pragma once

#include <string>
#include <vector>

#include <recentd/error.hpp>

#include "audit/doctor/source_facts.hpp"

namespace recentd::audit {

// What a source is good for.
struct Diagnosis {
  std::optional<Kind> fault =
      {};               // nothing: it can be mirrored; else what kind of error a mirror would end with
  std::string verdict;  // in one line
  std::vector<std::string> facts = {};   // what it is and can
  std::vector<std::string> slow = {};    // what costs more than it has to, or is wrong, with what to do
  std::vector<std::string> advice = {};  // what to do, where it cannot be mirrored
  std::string configuration = {};        // of a mirror, for recentd.yaml; several lines
};

// Pure.
Diagnosis diagnose(const SourceFacts& facts);

}  // namespace recentd::audit
