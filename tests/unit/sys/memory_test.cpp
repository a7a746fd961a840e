#include "sys/memory.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <memory>

#include <doctest/doctest.h>

#include "unit/sys/fault_hook.hpp"

using namespace recentd;
using namespace recentd::sys;
using namespace recentd::sys::test;

namespace {

bool is_zeroed(std::size_t bytes) {
  const std::unique_ptr<void, void (*)(void*)> memory(zeroed_table(bytes), std::free);
  const auto* const at = static_cast<const char*>(memory.get());
  return std::all_of(at, at + bytes, [](char c) { return c == 0; });
}

}  // namespace

TEST_SUITE("sys::memory") {
  TEST_CASE("a table is zeroed, small or large, with huge pages or without") {
    constexpr std::size_t k_large = std::size_t{2} << 20;
    for (const std::size_t bytes : {std::size_t{16}, k_large - 1, k_large, k_large + 1, 3 * k_large})
      CHECK(is_zeroed(bytes));
    const Failing hook("madvise", EINVAL);
    CHECK(is_zeroed(k_large));
  }
}
