#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <thread>

namespace recentd::test {

// A line to a port of this machine on which every byte takes its time, in both directions, the first ones of
// a connection too: what a distant upstream is like, where the kernel offers no delays of its own. Works
// until the destructor. Throws std::runtime_error if it cannot listen.
class SlowLink {
 public:
  SlowLink(int to_port, std::chrono::milliseconds delay_each_way);
  ~SlowLink();
  SlowLink(const SlowLink&) = delete;
  SlowLink& operator=(const SlowLink&) = delete;

  // From now on so many bytes of each connection reach the caller, and then nothing more, or a byte now and
  // then: an upstream that stands still in the midst of its words and keeps the line open.
  void hold_after(std::uint64_t bytes, std::chrono::milliseconds a_byte_each = {}) noexcept {
    drip_ = a_byte_each;
    hold_after_ = bytes;
  }

  // From now on each connection breaks when so many bytes of it have reached the caller; 0: none does.
  void cut_after(std::uint64_t bytes) noexcept { cut_after_ = bytes; }

  [[nodiscard]] int port() const noexcept { return port_; }
  // The most connections that their callers had open at one time, and how many there were in all.
  [[nodiscard]] int peak() const noexcept { return peak_; }
  [[nodiscard]] int connections() const noexcept { return connections_; }
  // Bytes that went through, both directions together.
  [[nodiscard]] std::uint64_t bytes() const noexcept { return bytes_; }

 private:
  void work();

  int to_port_;
  std::chrono::nanoseconds delay_;
  int listener_ = -1;
  int port_ = 0;
  std::atomic<bool> ending_{false};
  std::atomic<int> peak_{0}, connections_{0};
  std::atomic<std::uint64_t> bytes_{0}, hold_after_{UINT64_MAX}, cut_after_{0};
  std::atomic<std::chrono::milliseconds> drip_{std::chrono::milliseconds(0)};
  std::thread thread_;
};

}  // namespace recentd::test
