#pragma once

#include <string>
#include <string_view>

#include <recentd/error.hpp>

namespace recentd::sys {

// Throws Error of that kind: "cannot <doing> '<path>' (<what helps>): <the system's text>".
[[noreturn]] void fail(Kind kind, std::string_view doing, const std::string& path, int errno_value);
// The same with Kind::missing for ENOENT, and Kind::io for everything else.
[[noreturn]] void fail_missing_or_io(std::string_view doing, const std::string& path, int errno_value);

// Whether it is trouble with one path, and not with the disk or the process: no right to it, a sector that
// cannot be read, a mount or another file system in its way, a name that cannot be here.
[[nodiscard]] bool concerns_path_alone(const Error& error) noexcept;

// What a look at a path brings; nothing where trouble with that path alone prevents it.
template <class Look>
auto or_nothing(const Look& look) -> decltype(look()) {
  try {
    return look();
  } catch (const Error& error) {
    if (!concerns_path_alone(error)) throw;
    return {};
  }
}

}  // namespace recentd::sys
