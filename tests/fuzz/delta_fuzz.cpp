#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "delta_target.hpp"

// libFuzzer's entry: any bytes as versions and as a delta (build with -DRECENTD_FUZZ=ON and clang++).
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto wrong = recentd::delta::fuzz::check({reinterpret_cast<const char*>(data), size});
  if (wrong.empty()) return 0;
  std::fprintf(stderr, "%s\n", wrong.c_str());
  std::abort();
}
