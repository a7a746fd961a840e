#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <string_view>

namespace recentd {

// How far work is that lasts: counted by those who do it, and looked at now and then by whoever shows it, so
// that what is done never waits for what is shown. Safe from several threads; of several works at once in one
// process it tells nothing of use.
class Meter {
 public:
  // A part of the work is begun: what it is in two or three words, which must live for ever, and how many
  // things it has to do; 0: nobody knows. Counts begin anew.
  void begin(std::string_view phase, std::uint64_t total = 0);
  // Nothing lasts any more.
  void end() { begin({}); }
  // There are so many after all.
  void expect(std::uint64_t total) noexcept { total_.store(total, std::memory_order_relaxed); }
  void add(std::uint64_t things, std::uint64_t bytes = 0) noexcept {
    done_.fetch_add(things, std::memory_order_relaxed);
    if (bytes != 0) bytes_.fetch_add(bytes, std::memory_order_relaxed);
  }
  // So many are done, whatever was added before; a count never falls within a part.
  void reach(std::uint64_t things) noexcept;

  struct Look {
    std::uint64_t part = 0;       // which one it is, counted from the process's start
    std::string_view phase = {};  // empty: nothing lasts
    std::uint64_t done = 0;       // never more than the total
    std::uint64_t total = 0;      // 0: nobody knows
    std::uint64_t bytes = 0;
  };
  [[nodiscard]] Look look() const;

  // Whether anybody looks: what only counts for him may be left out.
  [[nodiscard]] bool watched() const noexcept { return watched_.load(std::memory_order_relaxed); }
  void set_watched(bool watched) noexcept { watched_.store(watched, std::memory_order_relaxed); }

 private:
  mutable std::mutex mutex_;  // of the phase
  std::uint64_t part_ = 0;
  std::string_view phase_;
  std::atomic<std::uint64_t> done_{0}, total_{0}, bytes_{0};
  std::atomic<bool> watched_{false};
};

// The process's.
Meter& meter() noexcept;

}  // namespace recentd
