#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <recentd/mirror_options.hpp>

#include "audit/doctor/source_facts.hpp"
#include "transport/address.hpp"

namespace recentd::audit {

struct WebLook {
  WebFacts web;
  std::optional<SourceFacts::Failure> failure;
};

// Sizes of files that a web server has; nothing where one is not there, 0 where it does not tell.
std::vector<std::optional<std::uint64_t>> sizes_at_web_server(const transport::Address& address,
                                                              const ConnectOptions& options,
                                                              const std::vector<std::string>& names,
                                                              Clock& clock);

// Asks a web server for the index `link` in the ways in which a mirror would. Throws Error: transport
// (libcurl is missing), usage, io.
WebLook look_at_web_server(const transport::Address& address, const ConnectOptions& options,
                           const std::string& link, Clock& clock);

}  // namespace recentd::audit
