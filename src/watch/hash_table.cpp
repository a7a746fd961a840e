#include "watch/hash_table.hpp"

#include <utility>

namespace recentd::watch {

namespace {

constexpr std::size_t k_first_slots = 1024;

}  // namespace

HashTable::HashTable() : mask_(k_first_slots - 1), slots_(sys::make_slots<Slot>(k_first_slots)) {}

// The slot of that key, or the empty one where it belongs.
HashTable::Slot& HashTable::probe(std::uint64_t key) noexcept {
  for (std::size_t i = key & mask_;; i = (i + 1) & mask_)
    if (slots_[i].hash == key || slots_[i].hash == 0) return slots_[i];
}

std::uint64_t* HashTable::find(std::uint64_t hash) noexcept {
  Slot& slot = probe(key_of(hash));
  return slot.hash == 0 ? nullptr : &slot.value;
}

std::uint64_t& HashTable::insert(std::uint64_t hash) {
  Slot* slot = &probe(key_of(hash));
  if (slot->hash != 0) return slot->value;
  if ((used_ + 1) * 4 > (mask_ + 1) * 3) {
    grow();
    slot = &probe(key_of(hash));
  }
  ++used_;
  slot->hash = key_of(hash);
  return slot->value;
}

void HashTable::grow() {
  const sys::Slots<Slot> old = std::move(slots_);
  const std::size_t old_mask = mask_;
  mask_ = mask_ * 2 + 1;
  slots_ = sys::make_slots<Slot>(mask_ + 1);
  for (std::size_t i = 0; i <= old_mask; ++i)
    if (old[i].hash != 0) probe(old[i].hash) = old[i];
}

// Those behind the gap move up, as far as they come nearer to their own places.
void HashTable::erase(std::uint64_t hash) noexcept {
  Slot* gap = &probe(key_of(hash));
  if (gap->hash == 0) return;
  --used_;
  auto at = static_cast<std::size_t>(gap - slots_.get());
  for (std::size_t next = (at + 1) & mask_; slots_[next].hash != 0; next = (next + 1) & mask_) {
    const std::size_t home = slots_[next].hash & mask_;
    if (((next - home) & mask_) < ((next - at) & mask_)) continue;
    slots_[at] = slots_[next];
    at = next;
  }
  slots_[at] = {};
}

}  // namespace recentd::watch
