#pragma once

#include <cstddef>
#include <mutex>

namespace recentd::http {

// How many requests may be under way at once, among several who make them. Safe from any thread.
class Slots {
 public:
  explicit Slots(std::size_t count) : free_(count) {}

  // Whoever has none yet goes before those who want one more.
  bool take(bool has_one) {
    const std::lock_guard lock(mutex_);
    if (free_ == 0 || (has_one && waiting_ > 0)) return false;
    --free_;
    return true;
  }
  void give_back() {
    const std::lock_guard lock(mutex_);
    ++free_;
  }

  // While it lives, somebody waits who has none.
  class Waiting {
   public:
    explicit Waiting(Slots& slots) : slots_(slots) { slots_.wait(1); }
    ~Waiting() { slots_.wait(-1); }
    Waiting(const Waiting&) = delete;
    Waiting& operator=(const Waiting&) = delete;

   private:
    Slots& slots_;
  };

 private:
  void wait(int change) {
    const std::lock_guard lock(mutex_);
    waiting_ += change;
  }

  std::mutex mutex_;
  std::size_t free_;
  int waiting_ = 0;
};

}  // namespace recentd::http
