#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>

namespace recentd {

// A hash table from paths to 32-bit values: open addressing, 16 bytes a slot, exact (the paths themselves are
// compared). The paths stay where they are: their memory must outlive the table. The hash is seeded per
// process, so that nobody can prepare colliding names. Not for use from two threads at once.
class PathTable {
 public:
  // Room for so many paths without growing.
  explicit PathTable(std::size_t expected);

  static std::uint64_t hash(std::string_view path) noexcept;
  // Tells the processor that hash will be looked up soon.
  void prefetch(std::uint64_t hash) const noexcept { __builtin_prefetch(&slots_[hash & mask_]); }
  // The value of path, or nullptr. Valid until the next insert().
  [[nodiscard]] std::uint32_t* find(std::uint64_t hash, std::string_view path) noexcept;
  // The value of path and true if it was put in just now. Throws Error{corrupt} on a path of 128 KiB or more.
  std::pair<std::uint32_t*, bool> insert(std::uint64_t hash, std::string_view path, std::uint32_t value);
  [[nodiscard]] std::size_t size() const noexcept { return used_; }

 private:
  struct Slot {
    const char* text = nullptr;
    std::uint32_t length_and_tag = 0;  // 17 bits of length, 15 of the hash
    std::uint32_t value = 0;
  };
  static_assert(sizeof(Slot) == 16);
  struct Free {
    void operator()(Slot* slots) const noexcept;
  };
  using Slots = std::unique_ptr<Slot[], Free>;
  static Slots make_slots(std::size_t capacity);
  Slot& probe(std::uint64_t hash, std::string_view path) noexcept;
  void grow();

  Slots slots_;
  std::uint64_t mask_ = 0;
  std::size_t used_ = 0;
};

}  // namespace recentd
