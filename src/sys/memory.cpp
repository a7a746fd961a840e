#include "sys/memory.hpp"

#include <cstdlib>
#include <cstring>
#include <new>

#include <sys/mman.h>

#include "sys/fault.hpp"

namespace recentd::sys {

void* zeroed_table(std::size_t bytes) {
  constexpr std::size_t k_huge_page = std::size_t{2} << 20;
  const bool large = bytes >= k_huge_page;
  // aligned_alloc() takes whole multiples of the alignment only.
  const std::size_t whole = (bytes + k_huge_page - 1) / k_huge_page * k_huge_page;
  void* const memory = large ? std::aligned_alloc(k_huge_page, whole) : std::calloc(bytes, 1);
  if (memory == nullptr) throw std::bad_alloc();
  if (!large) return memory;
  // A hint: what fails here costs time alone.
  if (fault("madvise", "") == 0) ::madvise(memory, whole, MADV_HUGEPAGE);
  std::memset(memory, 0, bytes);
  return memory;
}

}  // namespace recentd::sys
