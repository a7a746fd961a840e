#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "sys/slots.hpp"

namespace recentd::sys {

// A table from 64-bit hashes to 64-bit values: open addressing, 16 bytes a slot, half to three quarters full,
// so that a look-up costs one miss of the processor's cache. It consists of many small tables, each of which
// grows and shrinks by itself: so there is never a second copy of the whole, and what a burst needed is given
// back. No PathTable, because that needs the paths' bytes: a watch stays for months and would have to keep
// the texts of a million paths, where 16 bytes each do. So equal hashes are one key, and the hash has to be
// path_hash(), for which nobody can prepare two paths. Not for use from two threads.
class HashTable {
 public:
  // The value of that hash, nullptr if it has none. Valid until the next insert() or erase().
  [[nodiscard]] std::uint64_t* find(std::uint64_t hash) noexcept;
  [[nodiscard]] const std::uint64_t* find(std::uint64_t hash) const noexcept {
    return const_cast<HashTable*>(this)->find(hash);
  }
  // Its value, which is 0 if it was put in just now.
  std::uint64_t& insert(std::uint64_t hash);
  void erase(std::uint64_t hash) noexcept;
  [[nodiscard]] std::size_t size() const noexcept { return used_; }
  // Room for so many entries is taken now.
  [[nodiscard]] std::size_t capacity() const noexcept;

 private:
  struct Slot {
    std::uint64_t hash = 0;  // 0: empty
    std::uint64_t value = 0;
  };
  // Whatever bits of the hashes differ, the places do.
  static std::uint64_t mixed(std::uint64_t key) noexcept { return key * 0x9E3779B97F4A7C15; }
  struct Part {
    Slots<Slot> slots;
    std::uint32_t capacity = 0, used = 0;

    [[nodiscard]] std::uint32_t home(std::uint64_t key) const noexcept;
    [[nodiscard]] std::uint32_t after(std::uint32_t at) const noexcept {
      return at + 1 == capacity ? 0 : at + 1;
    }
    [[nodiscard]] Slot& probe(std::uint64_t key) const noexcept;
    void resize(std::uint32_t slots_wanted);
    void close_gap(std::uint32_t at) noexcept;
  };
  static constexpr int k_part_bits = 8;

  // 0 has a meaning of its own.
  static std::uint64_t key_of(std::uint64_t hash) noexcept { return hash == 0 ? 1 : hash; }
  Part& part_of(std::uint64_t key) noexcept { return parts_[mixed(key) >> (64 - k_part_bits)]; }

  std::array<Part, std::size_t{1} << k_part_bits> parts_;
  std::size_t used_ = 0;
};

}  // namespace recentd::sys
