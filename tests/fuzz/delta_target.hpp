#pragma once

#include <string>
#include <string_view>

#include "delta/patch.hpp"
#include "delta/versions.hpp"

// What must hold for any bytes as versions and as a delta, and again as one of its first result. Used by the
// unit test and by libFuzzer.
namespace recentd::delta::fuzz {

// Empty if all is well.
inline std::string check(std::string_view text) {
  if (const auto versions = parse_versions(text)) {
    if (to_text(*versions) != text) return "versions that are others when they are written";
    const auto names = delta_names(*versions);
    if (names.size() != versions->steps.size()) return "another number of deltas";
    for (const auto& name : names)
      if (name.find('/') != std::string::npos) return "a delta in another place: " + name;
    for (const auto& digest : {std::string(64, '0'), versions->digest})
      if (const auto steps = steps_from(*versions, digest); steps && *steps > versions->steps.size())
        return "more steps than there are";
  }
  constexpr std::size_t k_parts_max = 100;
  const std::string old = "abcdefghij";
  Content content(old);
  for (int i = 0; i < 2; ++i) {
    const auto made = apply(content, text, k_parts_max);
    if (!made) return {};
    std::uint64_t bytes = 0;
    for (const auto part : made->parts) bytes += part.size();
    if (bytes != made->bytes) return "another size than it says";
    if (made->parts.size() > k_parts_max) return "too many parts";
    if (made->bytes > content.bytes + text.size()) return "more than the old one and the delta have";
    content = *made;
  }
  return {};
}

}  // namespace recentd::delta::fuzz
