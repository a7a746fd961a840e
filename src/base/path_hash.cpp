#include "base/path_hash.hpp"

#include <cstring>
#include <random>

namespace recentd {

namespace {

__extension__ using Wide = unsigned __int128;

constexpr std::size_t k_block_bytes = 16;

Wide product(std::uint64_t a, std::uint64_t b) noexcept {
  return static_cast<Wide>(a) * b;
}

std::uint64_t low(Wide wide) noexcept {
  return static_cast<std::uint64_t>(wide);
}

std::uint64_t high(Wide wide) noexcept {
  return static_cast<std::uint64_t>(wide >> 64);
}

std::uint64_t fold(std::uint64_t a, std::uint64_t b) noexcept {
  const Wide wide = product(a, b);
  return low(wide) ^ high(wide);
}

template <class Word>
std::uint64_t load(const char* from) noexcept {
  Word word;
  std::memcpy(&word, from, sizeof word);
  return word;
}

struct LastBlock {
  std::uint64_t first = 0, second = 0;
};

// Up to 16 bytes that `end` ends. The two words overlap where there are fewer, or have been read already: the
// length, which is hashed too, tells such paths apart. A copy of so many bytes as there are would cost more
// than the rest of a hash.
LastBlock last_block(const char* end, std::size_t bytes) noexcept {
  const char* const begin = end - bytes;
  if (bytes >= 8) return {load<std::uint64_t>(begin), load<std::uint64_t>(end - 8)};
  if (bytes >= 4) return {load<std::uint32_t>(begin), load<std::uint32_t>(end - 4)};
  if (bytes == 0) return {};
  return {load<std::uint8_t>(begin) << 16 | load<std::uint8_t>(begin + bytes / 2) << 8 |
              load<std::uint8_t>(end - 1),
          0};
}

}  // namespace

HashKeys HashKeys::random() {
  std::random_device device;
  HashKeys keys;
  for (std::uint64_t& word : keys.words) word = std::uint64_t{device()} << 32 | device();
  return keys;
}

std::uint64_t path_hash(std::string_view path, const HashKeys& keys) noexcept {
  const auto& [start, key_1, key_2, key_3] = keys.words;
  const char* at = path.data();
  const char* const end = at + path.size();
  std::uint64_t state = start;
  for (std::size_t left = path.size(); left > k_block_bytes; at += k_block_bytes, left -= k_block_bytes)
    state = fold(load<std::uint64_t>(at) ^ state, load<std::uint64_t>(at + 8) ^ key_1);
  const LastBlock last = last_block(end, path.size() < k_block_bytes ? path.size() : k_block_bytes);
  // Twice: after one multiplication, names that differ by steps would lie in the table by steps.
  const Wide wide = product(last.first ^ state, last.second ^ key_2);
  return fold(low(wide) ^ key_3 ^ path.size(), high(wide) ^ key_1);
}

std::uint64_t path_hash(std::string_view path) noexcept {
  static const HashKeys keys = HashKeys::random();
  return path_hash(path, keys);
}

}  // namespace recentd
