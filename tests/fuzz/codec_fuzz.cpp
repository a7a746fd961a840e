#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "codec_target.hpp"

// libFuzzer's entry: any bytes, every reader (build with -DRECENTD_FUZZ=ON and clang++).
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto result = recentd::codec::fuzz::check(text);
  if (result.disagreement.empty()) return 0;
  std::fprintf(stderr, "%s\n", result.disagreement.c_str());
  std::abort();
}
