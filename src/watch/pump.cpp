#include "watch/pump.hpp"

#include <system_error>

#include <recentd/error.hpp>

#include "sys/failure.hpp"
#include "sys/process/signal_free_thread.hpp"
#include "sys/wait.hpp"

namespace recentd::watch {

namespace {

constexpr std::size_t k_waiting_bytes_max = std::size_t{32} << 20;

}  // namespace

Pump::Pump(Source& source) : source_(source) {
  try {
    thread_ = sys::signal_free_thread([this] { work(); });
  } catch (const std::system_error& error) {
    sys::fail(Kind::io, "start", "a thread", error.code().value());
  }
}

Pump::~Pump() {
  {
    const std::lock_guard lock(mutex_);
    end_ = true;
  }
  ending_.raise();
  taken_.notify_all();
  thread_.join();
}

std::string Pump::take() {
  filled_.drain();
  std::string all;
  {
    const std::lock_guard lock(mutex_);
    if (failure_) std::rethrow_exception(failure_);
    all.swap(buffer_);
  }
  taken_.notify_all();
  return all;
}

bool Pump::wait() const {
  return sys::wait_unless(ending_.fd(), source_.fd());
}

void Pump::work() noexcept {
  try {
    std::string raw;
    while (wait()) {
      raw.clear();
      if (!source_.read(raw)) continue;
      std::unique_lock lock(mutex_);
      taken_.wait(lock, [&] { return end_ || buffer_.size() < k_waiting_bytes_max; });
      if (end_) return;
      buffer_ += raw;
      filled_.raise();
    }
  } catch (...) {
    const std::lock_guard lock(mutex_);
    failure_ = std::current_exception();
    filled_.raise();
  }
}

}  // namespace recentd::watch
