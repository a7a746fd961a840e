#pragma once

#include <recentd/mirror_options.hpp>

#include "http/http_transport.hpp"

namespace recentd::upstream {

// How a web server is asked for a mirror with these options.
http::HttpSettings http_settings(const ConnectOptions& options);

}  // namespace recentd::upstream
