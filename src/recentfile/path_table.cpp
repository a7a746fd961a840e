#include "recentfile/path_table.hpp"

#include <cstdlib>
#include <cstring>
#include <random>

#include <recentd/error.hpp>

#include "sys/memory.hpp"

namespace recentd {

namespace {

constexpr int k_length_bits = 17;
constexpr std::uint64_t k_odd_1 = 0x9e3779b97f4a7c15, k_odd_2 = 0xd1b54a32d192ed03;

std::uint64_t seed() {
  static const std::uint64_t value = [] {
    std::random_device device;
    return (std::uint64_t{device()} << 32) ^ device();
  }();
  return value;
}

__extension__ using Wide = unsigned __int128;

std::uint64_t fold(std::uint64_t a, std::uint64_t b) {
  const Wide product = static_cast<Wide>(a) * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

std::uint64_t load(const char* from, std::size_t bytes) {
  std::uint64_t word = 0;
  std::memcpy(&word, from, bytes);
  return word;
}

std::uint32_t packed(std::uint64_t hash, std::size_t length) {
  return static_cast<std::uint32_t>(length) | static_cast<std::uint32_t>(hash >> 49) << k_length_bits;
}

std::size_t capacity_for(std::size_t expected) {
  std::size_t capacity = 16;
  while (capacity * 3 / 4 <= expected) capacity *= 2;
  return capacity;
}

}  // namespace

PathTable::PathTable(std::size_t expected) : mask_(capacity_for(expected) - 1) {
  slots_ = make_slots(mask_ + 1);
}

void PathTable::Free::operator()(Slot* slots) const noexcept {
  std::free(slots);
}

PathTable::Slots PathTable::make_slots(std::size_t capacity) {
  return Slots(static_cast<Slot*>(sys::zeroed_table(capacity * sizeof(Slot))));
}

std::uint64_t PathTable::hash(std::string_view path) noexcept {
  static const std::uint64_t start = seed();
  std::uint64_t state = start ^ fold(path.size() ^ k_odd_1, k_odd_2);
  const char* at = path.data();
  std::size_t left = path.size();
  for (; left > 16; at += 16, left -= 16)
    state = fold(load(at, 8) ^ state ^ k_odd_1, load(at + 8, 8) ^ k_odd_2);
  const std::size_t first = left < 8 ? left : 8;
  const std::uint64_t low = left == 0 ? 0 : load(at, first);
  const std::uint64_t high = left > 8 ? load(at + 8, left - 8) : 0;
  return fold(low ^ state ^ k_odd_2, high ^ start ^ k_odd_1);
}

PathTable::Slot& PathTable::probe(std::uint64_t hash, std::string_view path) noexcept {
  const std::uint32_t wanted = packed(hash, path.size());
  for (std::uint64_t at = hash & mask_;; at = (at + 1) & mask_) {
    Slot& slot = slots_[at];
    if (slot.text == nullptr) return slot;
    if (slot.length_and_tag == wanted && std::memcmp(slot.text, path.data(), path.size()) == 0) return slot;
  }
}

std::uint32_t* PathTable::find(std::uint64_t hash, std::string_view path) noexcept {
  Slot& slot = probe(hash, path);
  return slot.text == nullptr ? nullptr : &slot.value;
}

std::pair<std::uint32_t*, bool> PathTable::insert(std::uint64_t hash, std::string_view path,
                                                  std::uint32_t value) {
  if (path.size() >> k_length_bits != 0) throw Error(Kind::corrupt, "a path of 128 KiB or more");
  if ((used_ + 1) * 4 > (mask_ + 1) * 3) grow();
  Slot& slot = probe(hash, path);
  if (slot.text != nullptr) return {&slot.value, false};
  // An empty view may have no address; a slot must.
  slot = {path.data() != nullptr ? path.data() : "", packed(hash, path.size()), value};
  ++used_;
  return {&slot.value, true};
}

void PathTable::grow() {
  const std::size_t old_capacity = mask_ + 1;
  const Slots old = std::exchange(slots_, make_slots(2 * old_capacity));
  mask_ = 2 * old_capacity - 1;
  for (std::size_t i = 0; i < old_capacity; ++i) {
    const Slot& slot = old[i];
    if (slot.text == nullptr) continue;
    const std::string_view path(slot.text, slot.length_and_tag & ((1U << k_length_bits) - 1));
    probe(hash(path), path) = slot;
  }
}

}  // namespace recentd
