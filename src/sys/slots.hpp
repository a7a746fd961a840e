#pragma once

#include <cstddef>
#include <cstdlib>
#include <memory>
#include <type_traits>

#include "sys/memory.hpp"

namespace recentd::sys {

// Slots of a hash table, all zero.
struct FreeSlots {
  void operator()(void* slots) const noexcept { std::free(slots); }
};
template <class Slot>
using Slots = std::unique_ptr<Slot[], FreeSlots>;

// Throws std::bad_alloc.
template <class Slot>
Slots<Slot> make_slots(std::size_t capacity) {
  static_assert(std::is_trivially_copyable_v<Slot> && std::is_trivially_destructible_v<Slot>);
  return Slots<Slot>(static_cast<Slot*>(zeroed_table(capacity * sizeof(Slot))));
}

}  // namespace recentd::sys
