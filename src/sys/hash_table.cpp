#include "sys/hash_table.hpp"

#include <algorithm>
#include <new>
#include <utility>

namespace recentd::sys {

namespace {

constexpr std::uint32_t k_slots_min = 8;

}  // namespace

// By other bits than those that choose the part, spread over any number of slots.
std::uint32_t HashTable::Part::home(std::uint64_t key) const noexcept {
  return static_cast<std::uint32_t>((mixed(key) >> 16 & 0xFFFFFFFF) * capacity >> 32);
}

// The slot of that key, or the empty one where it belongs. There is one, as a part is never full.
HashTable::Slot& HashTable::Part::probe(std::uint64_t key) const noexcept {
  for (std::uint32_t i = home(key);; i = after(i))
    if (slots[i].hash == key || slots[i].hash == 0) return slots[i];
}

void HashTable::Part::resize(std::uint32_t slots_wanted) {
  const auto old = std::exchange(slots, make_slots<Slot>(slots_wanted));
  const std::uint32_t old_capacity = std::exchange(capacity, slots_wanted);
  for (std::uint32_t i = 0; i < old_capacity; ++i)
    if (old[i].hash != 0) probe(old[i].hash) = old[i];
}

// Those behind the gap move up, as far as they come nearer to their own places.
void HashTable::Part::close_gap(std::uint32_t at) noexcept {
  const auto distance = [&](std::uint32_t from, std::uint32_t to) {
    return to >= from ? to - from : to + capacity - from;
  };
  for (std::uint32_t next = after(at); slots[next].hash != 0; next = after(next)) {
    if (distance(home(slots[next].hash), next) < distance(at, next)) continue;
    slots[at] = slots[next];
    at = next;
  }
  slots[at] = {};
}

std::uint64_t* HashTable::find(std::uint64_t hash) noexcept {
  const Part& part = part_of(key_of(hash));
  if (part.capacity == 0) return nullptr;
  Slot& slot = part.probe(key_of(hash));
  return slot.hash == 0 ? nullptr : &slot.value;
}

std::uint64_t& HashTable::insert(std::uint64_t hash) {
  const std::uint64_t key = key_of(hash);
  Part& part = part_of(key);
  if (part.capacity > 0)
    if (Slot& slot = part.probe(key); slot.hash != 0) return slot.value;
  if ((part.used + 1) * 4ULL > part.capacity * 3ULL)
    part.resize(std::max(part.capacity + part.capacity / 2, k_slots_min));
  Slot& slot = part.probe(key);
  slot.hash = key;
  ++part.used;
  ++used_;
  return slot.value;
}

void HashTable::erase(std::uint64_t hash) noexcept {
  Part& part = part_of(key_of(hash));
  if (part.capacity == 0) return;
  const Slot& slot = part.probe(key_of(hash));
  if (slot.hash == 0) return;
  part.close_gap(static_cast<std::uint32_t>(&slot - part.slots.get()));
  --part.used;
  --used_;
  if (part.capacity <= k_slots_min || part.used * 4ULL > part.capacity) return;
  try {
    part.resize(std::max(part.used * 2, k_slots_min));
  } catch (const std::bad_alloc&) {
    return;  // it stays as large as it is
  }
}

std::size_t HashTable::capacity() const noexcept {
  std::size_t slots = 0;
  for (const Part& part : parts_) slots += part.capacity;
  return slots;
}

}  // namespace recentd::sys
