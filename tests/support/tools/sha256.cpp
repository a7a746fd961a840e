#include "support/tools/sha256.hpp"

#include <array>
#include <bit>
#include <cmath>
#include <cstdint>

namespace recentd::test {

namespace {

// The first 32 bits of the fractional part of a root of the n-th prime.
std::uint32_t root_bits(long double root) {
  return static_cast<std::uint32_t>(std::floor((root - std::floor(root)) * 4294967296.0L));
}

struct Constants {
  std::array<std::uint32_t, 64> rounds{};
  std::array<std::uint32_t, 8> start{};
  Constants() {
    std::size_t found = 0;
    for (unsigned candidate = 2; found < rounds.size(); ++candidate) {
      bool prime = true;
      for (unsigned divisor = 2; divisor * divisor <= candidate; ++divisor)
        prime = prime && candidate % divisor != 0;
      if (!prime) continue;
      if (found < start.size()) start[found] = root_bits(std::sqrt(static_cast<long double>(candidate)));
      rounds[found++] = root_bits(std::cbrt(static_cast<long double>(candidate)));
    }
  }
};

using State = std::array<std::uint32_t, 8>;

void add_block(State& state, const Constants& constants, const unsigned char* block) {
  std::array<std::uint32_t, 64> w{};
  for (std::size_t i = 0; i < 16; ++i) {
    w[i] = static_cast<std::uint32_t>(block[4 * i]) << 24 |
           static_cast<std::uint32_t>(block[4 * i + 1]) << 16 |
           static_cast<std::uint32_t>(block[4 * i + 2]) << 8 | block[4 * i + 3];
  }
  for (std::size_t i = 16; i < 64; ++i) {
    const std::uint32_t a = std::rotr(w[i - 15], 7) ^ std::rotr(w[i - 15], 18) ^ (w[i - 15] >> 3);
    const std::uint32_t b = std::rotr(w[i - 2], 17) ^ std::rotr(w[i - 2], 19) ^ (w[i - 2] >> 10);
    w[i] = w[i - 16] + a + w[i - 7] + b;
  }
  State s = state;
  for (std::size_t i = 0; i < 64; ++i) {
    const std::uint32_t e = std::rotr(s[4], 6) ^ std::rotr(s[4], 11) ^ std::rotr(s[4], 25);
    const std::uint32_t first = s[7] + e + ((s[4] & s[5]) ^ (~s[4] & s[6])) + constants.rounds[i] + w[i];
    const std::uint32_t a = std::rotr(s[0], 2) ^ std::rotr(s[0], 13) ^ std::rotr(s[0], 22);
    const std::uint32_t second = a + ((s[0] & s[1]) ^ (s[0] & s[2]) ^ (s[1] & s[2]));
    s = {first + second, s[0], s[1], s[2], s[3] + first, s[4], s[5], s[6]};
  }
  for (std::size_t i = 0; i < 8; ++i) state[i] += s[i];
}

}  // namespace

std::string sha256(std::string_view bytes) {
  static const Constants k_constants;
  std::string padded(bytes);
  padded += '\x80';
  while (padded.size() % 64 != 56) padded += '\0';
  for (int shift = 56; shift >= 0; shift -= 8) {
    padded += static_cast<char>(static_cast<std::uint64_t>(bytes.size()) * 8 >> shift);
  }
  State state = k_constants.start;
  for (std::size_t at = 0; at < padded.size(); at += 64) {
    add_block(state, k_constants, reinterpret_cast<const unsigned char*>(padded.data()) + at);
  }
  std::string out;
  for (const std::uint32_t word : state) {
    for (int shift = 28; shift >= 0; shift -= 4) out += "0123456789abcdef"[word >> shift & 15];
  }
  return out;
}

}  // namespace recentd::test
