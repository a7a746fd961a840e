#include "sys/file/mapping.hpp"

#include <atomic>
#include <cstdint>
#include <mutex>
#include <utility>

#include <errno.h>
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

namespace recentd::sys {

namespace {

// The handler may run at any instruction of any thread, so it reads a fixed table of atomics and calls
// nothing but mmap, sigaction and raise.
struct Slot {
  std::atomic<bool> taken{false};
  std::atomic<std::uintptr_t> begin{0};  // 0: not in force
  std::atomic<std::uintptr_t> end{0};
  std::atomic<bool> torn{false};
};

constexpr int k_slots = 256;
Slot g_slots[k_slots];
std::uintptr_t g_page_bytes = 4096;
struct sigaction g_previous {};

// Zero pages from the faulting page to the end: page by page, a large file cut to nothing could run into
// the kernel's limit of mappings.
bool patch(Slot& slot, std::uintptr_t address) noexcept {
  const std::uintptr_t begin = slot.begin.load(std::memory_order_acquire);
  const std::uintptr_t end = slot.end.load(std::memory_order_relaxed);
  if (begin == 0 || address < begin || address >= end) return false;
  const std::uintptr_t page = address & ~(g_page_bytes - 1);
  slot.torn.store(true, std::memory_order_release);
  void* where = reinterpret_cast<void*>(page);
  return ::mmap(where, end - page, PROT_READ, MAP_FIXED | MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED;
}

void on_bus_error(int signal, siginfo_t* info, void*) {
  const int kept_errno = errno;
  const bool from_memory = info->si_code > 0;
  const auto address = reinterpret_cast<std::uintptr_t>(info->si_addr);
  for (Slot& slot : g_slots) {
    if (from_memory && patch(slot, address)) {
      errno = kept_errno;
      return;
    }
  }
  // Not ours: the instruction faults again under the action that was there before us.
  ::sigaction(signal, &g_previous, nullptr);
  if (!from_memory) ::raise(signal);
  errno = kept_errno;
}

void install_handler() {
  g_page_bytes = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
  struct sigaction action {};
  action.sa_sigaction = on_bus_error;
  action.sa_flags = SA_SIGINFO;
  sigemptyset(&action.sa_mask);
  ::sigaction(SIGBUS, &action, &g_previous);
}

int take_slot() noexcept {
  for (int i = 0; i < k_slots; ++i) {
    if (!g_slots[i].taken.exchange(true)) return i;
  }
  return -1;
}

}  // namespace

Mapping::Mapping(int fd, std::size_t size_bytes) noexcept {
  static std::once_flag once;
  std::call_once(once, install_handler);
  const int slot = take_slot();
  if (slot < 0) return;
  void* memory = ::mmap(nullptr, size_bytes, PROT_READ, MAP_PRIVATE, fd, 0);
  if (memory == MAP_FAILED) {
    g_slots[slot].taken.store(false);
    return;
  }
  ::madvise(memory, size_bytes, MADV_SEQUENTIAL);
  ::madvise(memory, size_bytes, MADV_WILLNEED);
  slot_ = slot;
  data_ = static_cast<const char*>(memory);
  size_bytes_ = size_bytes;
  const auto begin = reinterpret_cast<std::uintptr_t>(memory);
  const std::uintptr_t end = (begin + size_bytes + g_page_bytes - 1) & ~(g_page_bytes - 1);
  g_slots[slot].torn.store(false);
  g_slots[slot].end.store(end, std::memory_order_relaxed);
  g_slots[slot].begin.store(begin, std::memory_order_release);
}

Mapping::Mapping(Mapping&& other) noexcept
    : slot_(std::exchange(other.slot_, -1)),
      data_(std::exchange(other.data_, nullptr)),
      size_bytes_(std::exchange(other.size_bytes_, 0)) {}

Mapping::~Mapping() {
  if (data_ == nullptr) return;
  // Out of the table first: the addresses may be somebody else's as soon as they are unmapped.
  g_slots[slot_].begin.store(0, std::memory_order_release);
  ::munmap(const_cast<char*>(data_), size_bytes_);
  g_slots[slot_].taken.store(false);
}

bool Mapping::torn() const noexcept {
  return slot_ >= 0 && g_slots[slot_].torn.load(std::memory_order_acquire);
}

void Mapping::let_go(std::string_view part) const noexcept {
  const auto text = reinterpret_cast<std::uintptr_t>(part.data());
  const std::uintptr_t begin = (text + g_page_bytes - 1) & ~(g_page_bytes - 1);
  const std::uintptr_t end = (text + part.size()) & ~(g_page_bytes - 1);
  if (data_ != nullptr && begin < end) ::madvise(reinterpret_cast<void*>(begin), end - begin, MADV_DONTNEED);
}

}  // namespace recentd::sys
