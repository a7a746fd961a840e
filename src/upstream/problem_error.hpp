#pragma once

#include <string>

#include <recentd/error.hpp>

#include "transport/transport.hpp"

namespace recentd::upstream {

// What a broken connection to `source` is for the user, with what to do about it.
Error to_error(const transport::Problem& problem, const std::string& source);

}  // namespace recentd::upstream
