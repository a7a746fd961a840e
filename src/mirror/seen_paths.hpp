#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <string_view>
#include <vector>

namespace recentd::mirror {

// The paths that newer events have already named, while levels are read from small to large and events from
// new to old. Exact: equal hashes are settled by the bytes. Keeps views only, 16 bytes a slot; the texts
// belong to the index copies, which must stay open.
class SeenPaths {
 public:
  SeenPaths() : slots_(k_fewest) {}

  // Makes room for so many paths, if nothing was noted yet: growing needs half as much again for a moment.
  void expect(std::size_t paths) {
    if (used_ != 0) return;
    std::size_t capacity = k_fewest;
    while (capacity * 3 <= paths * 4) capacity *= 2;
    if (capacity > slots_.size()) slots_ = std::vector<Slot>(capacity);
  }

  static std::uint32_t hash(std::string_view path) noexcept {
    return static_cast<std::uint32_t>(std::hash<std::string_view>{}(path) >> 7);
  }
  // Tells the processor what is looked up soon: first the place in the table, some time later the text there.
  void prefetch(std::uint32_t hash) const noexcept { __builtin_prefetch(&slot_at(hash)); }
  void prefetch_text(std::uint32_t hash) const noexcept { __builtin_prefetch(slot_at(hash).text); }

  // Notes the path; false if it was there already.
  bool insert(std::string_view path) { return insert(path, hash(path)); }
  bool insert(std::string_view path, std::uint32_t hash) {
    if ((used_ + 1) * 4 > slots_.size() * 3) grow();
    Slot& slot = find(path, hash);
    if (slot.text) return false;
    slot = {path.data(), static_cast<std::uint32_t>(path.size()), hash};
    ++used_;
    return true;
  }

  [[nodiscard]] bool contains(std::string_view path) { return find(path, hash(path)).text != nullptr; }

 private:
  static constexpr std::size_t k_fewest = 1024;

  struct Slot {
    const char* text = nullptr;
    std::uint32_t bytes = 0;
    std::uint32_t hash = 0;
  };

  [[nodiscard]] const Slot& slot_at(std::uint32_t hash) const noexcept {
    return slots_[hash & (slots_.size() - 1)];
  }

  Slot& find(std::string_view path, std::uint32_t hash) {
    const std::size_t mask = slots_.size() - 1;
    for (std::size_t i = hash & mask;; i = (i + 1) & mask) {
      Slot& slot = slots_[i];
      if (!slot.text) return slot;
      if (slot.hash == hash && slot.bytes == path.size() &&
          std::memcmp(slot.text, path.data(), path.size()) == 0)
        return slot;
    }
  }

  void grow() {
    std::vector<Slot> old(slots_.size() * 2);
    old.swap(slots_);
    const std::size_t mask = slots_.size() - 1;
    for (const Slot& slot : old) {
      if (!slot.text) continue;
      std::size_t i = slot.hash & mask;
      while (slots_[i].text) i = (i + 1) & mask;
      slots_[i] = slot;
    }
  }

  std::vector<Slot> slots_;
  std::size_t used_ = 0;
};

}  // namespace recentd::mirror
