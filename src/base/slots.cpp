#include "base/slots.hpp"

#include <cstdlib>
#include <cstring>
#include <new>

#include <sys/mman.h>

namespace recentd {

namespace {

constexpr std::size_t k_huge_page = std::size_t{2} << 20;

}  // namespace

void* allocate_slots(std::size_t bytes) {
  const bool huge = bytes >= k_huge_page;
  void* const memory = huge ? std::aligned_alloc(k_huge_page, bytes) : std::calloc(bytes, 1);
  if (memory == nullptr) throw std::bad_alloc();
  if (!huge) return memory;
  ::madvise(memory, bytes, MADV_HUGEPAGE);
  std::memset(memory, 0, bytes);
  return memory;
}

void FreeSlots::operator()(void* slots) const noexcept {
  std::free(slots);
}

}  // namespace recentd
