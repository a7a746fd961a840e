#include <cstdint>
#include <cstdlib>
#include <string>

#include "delta/blocks/scan.hpp"
#include "delta/blocks/signature.hpp"

// libFuzzer's entry: any bytes as the signature of a large file, and what is wanted of a file by it (build
// with -DRECENTD_FUZZ=ON and clang++).
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace recentd;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto head = blocks::parse_head(text);
  const auto signature = blocks::parse_signature(text);
  if (!signature) return 0;
  if (!head || head->path != signature->version.path) std::abort();
  const auto again = blocks::head_text(signature->version, signature->of_librsync.size()) +
                     std::string(signature->of_librsync);
  if (again != text) std::abort();
  if (signature->blocks > blocks::k_blocks_max) std::abort();
  const auto plan =
      blocks::plan_blocks(*signature, *sys::bytes_from(std::string(text) + std::string(5000, '\0')));
  if (!plan) return 0;
  std::uint64_t at = 0, copied = 0;
  for (const auto& copy : plan->copies) copied += copy.bytes;
  if (copied + plan->missing_bytes != signature->version.bytes) std::abort();
  for (const auto& range : blocks::joined(plan->missing, 4096, 20)) {
    if (range.bytes == 0 || range.from < at || range.from + range.bytes > signature->version.bytes)
      std::abort();
    at = range.from + range.bytes;
  }
  return 0;
}
