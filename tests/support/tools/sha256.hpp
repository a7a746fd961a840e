#pragma once

#include <string>
#include <string_view>

namespace recentd::test {

// The SHA-256 digest in lower-case hexadecimal digits.
std::string sha256(std::string_view bytes);

}  // namespace recentd::test
