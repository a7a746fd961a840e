#pragma once

#include <optional>
#include <string>
#include <vector>

#include <recentd/epoch.hpp>

#include "recentfile/names.hpp"

namespace recentd::delta {

// Whether something is offered for the index of that root in this directory: then whoever changes the index
// says what is, from then on.
bool is_offered(const std::string& directory, const std::string& filenameroot);

// Does as offer() if that is wanted or something is offered already. What goes wrong is no trouble for the
// index, which is written by then: it is returned as a warning.
std::optional<std::string> keep_offered(const std::string& directory, const std::string& filenameroot,
                                        const std::vector<LevelName>& levels, bool wanted, TimePoint now);

// Says for each of these levels, smaller ones first, which version lies there now, and makes the deltas that
// lead to it from those before, so that mirrors that come over HTTP need not fetch it as a whole:
// recentfile(5), VERSIONS AND DELTAS. Takes away what nobody asks for any more. What did not change costs two
// looks, what did two passes over it. The caller keeps others from doing the same at once; the levels may
// change meanwhile, which makes the offer an old one and never a wrong one. Throws Error{io}.
void offer(const std::string& directory, const std::string& filenameroot,
           const std::vector<LevelName>& levels, TimePoint now);

}  // namespace recentd::delta
