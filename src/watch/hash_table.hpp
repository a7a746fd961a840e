#pragma once

#include <cstddef>
#include <cstdint>

#include "sys/slots.hpp"

namespace recentd::watch {

// A table from 64-bit hashes to 64-bit values: open addressing, 16 bytes a slot, at most three quarters full,
// so that a look-up costs one miss of the processor's cache. No PathTable, because that needs the paths'
// bytes: a watch stays for months and would have to keep the texts of a million paths, where 16 bytes each
// do. So equal hashes are one key, and the hash has to be path_hash(), for which nobody can prepare two
// paths. Not for use from two threads.
class HashTable {
 public:
  HashTable();

  // The value of that hash, nullptr if it has none. Valid until the next insert() or erase().
  [[nodiscard]] std::uint64_t* find(std::uint64_t hash) noexcept;
  [[nodiscard]] const std::uint64_t* find(std::uint64_t hash) const noexcept {
    return const_cast<HashTable*>(this)->find(hash);
  }
  // Its value, which is 0 if it was put in just now.
  std::uint64_t& insert(std::uint64_t hash);
  void erase(std::uint64_t hash) noexcept;
  [[nodiscard]] std::size_t size() const noexcept { return used_; }

 private:
  struct Slot {
    std::uint64_t hash = 0;  // 0: empty
    std::uint64_t value = 0;
  };
  // 0 has a meaning of its own.
  static std::uint64_t key_of(std::uint64_t hash) noexcept { return hash == 0 ? 1 : hash; }
  Slot& probe(std::uint64_t key) noexcept;
  void grow();

  std::size_t mask_;
  sys::Slots<Slot> slots_;
  std::size_t used_ = 0;
};

}  // namespace recentd::watch
