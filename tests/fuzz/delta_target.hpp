#pragma once

#include <algorithm>
#include <string>
#include <string_view>

#include "delta/pack.hpp"
#include "delta/patch.hpp"
#include "delta/references.hpp"
#include "delta/versions.hpp"

// What must hold for any bytes as versions and as a delta, and again as one of its first result. Used by the
// unit test and by libFuzzer.
namespace recentd::delta::fuzz {

// Empty if all is well.
inline std::string check(std::string_view text) {
  if (const auto versions = parse_versions(text)) {
    if (to_text(*versions) != text) return "versions that are others when they are written";
    const auto names = delta_names(*versions);
    const auto merges = merge_delta_names(*versions);
    if (names.size() != versions->steps.size() || merges.size() != names.size())
      return "another number of deltas";
    if (versions->enclosed.size() > names.size()) return "more is enclosed than there are steps";
    for (const auto* list : {&names, &merges})
      for (const auto& name : *list)
        if (name.find('/') != std::string::npos) return "a delta in another place: " + name;
    for (const auto& digest : {std::string(64, '0'), versions->digest})
      if (const auto steps = steps_from(*versions, digest); steps && *steps > versions->steps.size())
        return "more steps than there are";
  }
  constexpr std::size_t k_unpacked_max = 4096;
  if (const auto delta = unpacked(text, k_unpacked_max); delta && delta->size() > k_unpacked_max)
    return "a larger delta than there may be";
  constexpr std::size_t k_parts_max = 100;
  const Smaller smaller{"head\n- \nepoch: 9\n- \nepoch: 8\n- \nepoch: 7\n", "\n- \n"};
  (void)with_references(text, smaller);
  const std::string old = "abcdefghij";
  Content content(old);
  for (int i = 0; i < 2; ++i) {
    const auto made = apply(content, text, k_parts_max, smaller);
    if (!made) return {};
    std::uint64_t bytes = 0;
    for (const auto part : made->parts) bytes += part.size();
    if (bytes != made->bytes) return "another size than it says";
    if (made->parts.size() > k_parts_max) return "too many parts";
    const auto lines = static_cast<std::size_t>(std::count(text.begin(), text.end(), '*'));
    if (made->bytes > content.bytes + text.size() + lines * smaller.text.size())
      return "more than the old one, the delta, and what it refers to have";
    content = *made;
  }
  return {};
}

}  // namespace recentd::delta::fuzz
