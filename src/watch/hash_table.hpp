#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

namespace recentd::watch {

// A table from 64-bit hashes to 64-bit values: open addressing, 16 bytes a slot, at most three quarters full,
// so that a look-up costs one miss of the processor's cache. Equal hashes are one key. Not for use from two
// threads.
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
  struct Free {
    void operator()(Slot* slots) const noexcept;
  };
  using Slots = std::unique_ptr<Slot[], Free>;
  static Slots make_slots(std::size_t capacity);
  // 0 has a meaning of its own.
  static std::uint64_t key_of(std::uint64_t hash) noexcept { return hash == 0 ? 1 : hash; }
  Slot& probe(std::uint64_t key) noexcept;
  void grow();

  std::size_t mask_;
  Slots slots_;
  std::size_t used_ = 0;
};

}  // namespace recentd::watch
