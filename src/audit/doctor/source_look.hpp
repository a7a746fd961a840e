#pragma once

#include <string>

#include <recentd/mirror_options.hpp>

#include "audit/doctor/source_facts.hpp"

namespace recentd::audit {

// Looks at a source with a handful of small requests; of its index only the principal is fetched. What is
// wrong over there is a fact, no error. Throws Error: usage (no address), transport (rsync or libcurl is
// missing), io.
SourceFacts look_at_source(const std::string& source, const ConnectOptions& options, Clock& clock);

}  // namespace recentd::audit
