#pragma once

#include <cstddef>
#include <memory>
#include <type_traits>

namespace recentd {

// Memory of hash tables: zeroed, and in huge pages if it is large, as look-ups go everywhere in it; with
// small pages each would miss the processor's page cache, too. Throws std::bad_alloc.
void* allocate_slots(std::size_t bytes);

struct FreeSlots {
  void operator()(void* slots) const noexcept;
};
template <class Slot>
using Slots = std::unique_ptr<Slot[], FreeSlots>;

// Precondition: a power of two.
template <class Slot>
Slots<Slot> make_slots(std::size_t capacity) {
  static_assert(std::is_trivially_copyable_v<Slot> && std::is_trivially_destructible_v<Slot>);
  return Slots<Slot>(static_cast<Slot*>(allocate_slots(capacity * sizeof(Slot))));
}

}  // namespace recentd
