#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string_view>
#include <type_traits>
#include <utility>

#include <recentd/error.hpp>

#include "base/path_hash.hpp"
#include "sys/slots.hpp"

namespace recentd::sys {

// A hash table from paths to values: open addressing, exact (equal hashes are settled by the bytes). The
// paths stay where they are: their memory must outlive the table. A slot is the path's address, its length
// and a part of its hash, and the value: 16 bytes without a value or with one of 32 bits. The hash is keyed
// per process, so that nobody can prepare colliding names; for_each() has another order in each process. One
// thread may fill it; after that any number may ask.
template <class Value>
class PathTable {
  // 32 bits for the length and as many of the hash where they have room without making a slot larger; else 17
  // and 15.
  static constexpr bool k_wide = std::is_empty_v<Value> || alignof(Value) > alignof(std::uint32_t);
  using Mark = std::conditional_t<k_wide, std::uint64_t, std::uint32_t>;
  static constexpr int k_length_bits = k_wide ? 32 : 17;
  static constexpr int k_hash_shift = k_wide ? 0 : k_length_bits;

 public:
  using Hash = std::uint32_t;

  class Entry {
   public:
    [[nodiscard]] std::string_view path() const noexcept {
      return {text_, static_cast<std::size_t>(mark_ & k_longest)};
    }

   private:
    friend class PathTable;
    const char* text_ = nullptr;  // nullptr: free
    Mark mark_ = 0;

   public:
    [[no_unique_address]] Value value{};
  };

  // Room for so many paths without growing.
  explicit PathTable(std::size_t expected = 0)
      : mask_(capacity_for(expected) - 1), slots_(make_slots<Entry>(mask_ + 1)) {}

  // Makes room for so many paths, if nothing was noted yet: growing needs half as much again for a moment.
  void expect(std::size_t paths) {
    if (used_ == 0 && capacity_for(paths) > mask_ + 1) *this = PathTable(paths);
  }

  static Hash hash(std::string_view path) noexcept { return static_cast<Hash>(path_hash(path)); }
  // For those who look up many paths: memory is waited for once, not once for each. First prefetch() some,
  // then prefetch_text() the same ones, then ask with their hashes.
  void prefetch(Hash hash) const noexcept { __builtin_prefetch(&slots_[hash & mask_]); }
  void prefetch_text(Hash hash) const noexcept { __builtin_prefetch(slots_[hash & mask_].text_); }

  // Nothing (nullptr) if the path is not there. Valid until the next insert().
  [[nodiscard]] Entry* find(std::string_view path) noexcept { return find(path, hash(path)); }
  [[nodiscard]] Entry* find(std::string_view path, Hash hash) noexcept {
    Entry& entry = slots_[place_of(path, hash)];
    return entry.text_ == nullptr ? nullptr : &entry;
  }
  [[nodiscard]] bool contains(std::string_view path) const noexcept {
    return slots_[place_of(path, hash(path))].text_ != nullptr;
  }

  // Notes the path; false if it was there already. Throws Error{corrupt} on a path whose length has no room.
  bool insert(std::string_view path) requires std::is_empty_v<Value> { return insert(path, hash(path)); }
  bool insert(std::string_view path, Hash hash) requires std::is_empty_v<Value> {
    return insert(path, hash, Value{}).second;
  }
  // The path's entry, and true if it was put in just now with this value. Throws Error{corrupt} on a path
  // whose length has no room: 128 KiB or more where the value has at most 32 bits.
  std::pair<Entry*, bool> insert(std::string_view path, Hash hash, const Value& value) {
    if (path.size() > k_longest) throw Error(Kind::corrupt, "a path of 128 KiB or more");
    if ((used_ + 1) * 4 > (mask_ + 1) * 3) grow();
    Entry& entry = slots_[place_of(path, hash)];
    if (entry.text_ != nullptr) return {&entry, false};
    // An empty view may have no address; an entry must.
    entry.text_ = path.data() != nullptr ? path.data() : "";
    entry.mark_ = mark_of(path, hash);
    entry.value = value;
    ++used_;
    return {&entry, true};
  }

  // Calls `each` with every entry, in no order.
  template <class Each>
  void for_each(Each each) const {
    for (std::size_t i = 0; i <= mask_; ++i)
      if (slots_[i].text_ != nullptr) each(std::as_const(slots_[i]));
  }
  [[nodiscard]] std::size_t size() const noexcept { return used_; }

 private:
  static constexpr Mark k_longest = std::numeric_limits<Mark>::max() >> (sizeof(Mark) * 8 - k_length_bits);

  static std::size_t capacity_for(std::size_t expected) noexcept {
    std::size_t capacity = 16;
    while (capacity / 4 * 3 <= expected) capacity *= 2;
    return capacity;
  }
  static Mark mark_of(std::string_view path, Hash hash) noexcept {
    return static_cast<Mark>(path.size()) | static_cast<Mark>(hash >> k_hash_shift) << k_length_bits;
  }
  // A wide mark spares the look at the path.
  static Hash hash_of(const Entry& entry) noexcept {
    if constexpr (k_wide) return static_cast<Hash>(entry.mark_ >> k_length_bits);
    return hash(entry.path());
  }

  // Where the path is, or where it belongs.
  [[nodiscard]] std::size_t place_of(std::string_view path, Hash hash) const noexcept {
    const Mark wanted = mark_of(path, hash);
    for (std::size_t i = hash & mask_;; i = (i + 1) & mask_) {
      const Entry& entry = slots_[i];
      if (entry.text_ == nullptr || (entry.mark_ == wanted && entry.path() == path)) return i;
    }
  }

  void grow() {
    const Slots<Entry> old = std::exchange(slots_, make_slots<Entry>(2 * (mask_ + 1)));
    const std::size_t old_mask = std::exchange(mask_, 2 * mask_ + 1);
    for (std::size_t i = 0; i <= old_mask; ++i) {
      if (old[i].text_ == nullptr) continue;
      std::size_t place = hash_of(old[i]) & mask_;
      while (slots_[place].text_ != nullptr) place = (place + 1) & mask_;
      slots_[place] = old[i];
    }
  }

  std::size_t mask_;
  Slots<Entry> slots_;
  std::size_t used_ = 0;
};

struct NoValue {};
using PathSet = PathTable<NoValue>;
static_assert(sizeof(PathSet::Entry) == 16);
static_assert(sizeof(PathTable<std::uint32_t>::Entry) == 16);

}  // namespace recentd::sys
