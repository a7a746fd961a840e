#pragma once

#include <string>
#include <string_view>

#include <recentd/error.hpp>

namespace recentd::sys {

// Throws Error of that kind: "cannot <doing> '<path>' (<what helps>): <the system's text>".
[[noreturn]] void fail(Kind kind, std::string_view doing, const std::string& path, int errno_value);
// The same with Kind::missing for ENOENT, and Kind::io for everything else.
[[noreturn]] void fail_missing_or_io(std::string_view doing, const std::string& path, int errno_value);

}  // namespace recentd::sys
