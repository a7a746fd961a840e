#include <cstdint>
#include <cstdlib>

#include "delta/patch.hpp"
#include "delta/versions.hpp"

// libFuzzer's entry: any bytes as versions and as a delta, and again as one of its first result (build with
// -DRECENTD_FUZZ=ON and clang++).
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace recentd::delta;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto versions = parse_versions(text)) {
    if (to_text(*versions) != text || delta_names(*versions).size() != versions->steps.size()) std::abort();
    (void)steps_from(*versions, std::string(64, '0'));
  }
  const std::string old = "abcdefghij";
  Content content(old);
  for (int i = 0; i < 2; ++i) {
    const auto made = apply(content, text, 100);
    if (!made) return 0;
    std::uint64_t bytes = 0;
    for (const auto part : made->parts) bytes += part.size();
    if (bytes != made->bytes || made->parts.size() > 100) std::abort();
    content = *made;
  }
  return 0;
}
