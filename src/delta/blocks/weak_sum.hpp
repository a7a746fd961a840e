#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace recentd::blocks {

// librsync's weak sum of a block (Rabin and Karp): the sum of a stretch that lies a byte further costs one
// step. Pure.
class WeakSum {
 public:
  // Of blocks with so many bytes.
  explicit WeakSum(std::size_t bytes) noexcept {
    for (std::size_t i = 0; i < bytes; ++i) power_ *= k_multiplier;
  }

  static std::uint32_t of(std::string_view bytes) noexcept {
    constexpr std::uint32_t k1 = k_multiplier, k2 = k1 * k1, k3 = k2 * k1, k4 = k2 * k2, k5 = k4 * k1,
                            k6 = k4 * k2, k7 = k4 * k3, k8 = k4 * k4;
    const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(bytes[at]); };
    std::uint32_t sum = k_seed;
    std::size_t i = 0;
    for (; i + 8 <= bytes.size(); i += 8)
      sum = sum * k8 + (byte(i) * k7 + byte(i + 1) * k6 + byte(i + 2) * k5 + byte(i + 3) * k4 +
                        byte(i + 4) * k3 + byte(i + 5) * k2 + byte(i + 6) * k1 + byte(i + 7));
    for (; i < bytes.size(); ++i) sum = sum * k_multiplier + byte(i);
    return sum;
  }
  // Of the stretch that begins one byte later: `out` leaves it at its front, `in` comes at its end.
  [[nodiscard]] std::uint32_t next(std::uint32_t sum, char out, char in) const noexcept {
    constexpr std::uint32_t k_adjustment = (k_multiplier - 1) * k_seed;
    return sum * k_multiplier + static_cast<unsigned char>(in) -
           power_ * (static_cast<unsigned char>(out) + k_adjustment);
  }

 private:
  static constexpr std::uint32_t k_seed = 1, k_multiplier = 0x08104225;
  std::uint32_t power_ = 1;
};

}  // namespace recentd::blocks
