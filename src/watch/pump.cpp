#include "watch/pump.hpp"

#include <system_error>

#include <recentd/error.hpp>

#include "sys/failure.hpp"
#include "sys/process/signal_free_thread.hpp"
#include "sys/wait.hpp"

namespace recentd::watch {

namespace {

constexpr std::size_t k_waiting_bytes_max = std::size_t{16} << 20;
// Small enough for the hints of one piece to be few, and large enough for a piece to cost nothing.
constexpr std::size_t k_piece_bytes = std::size_t{64} << 10;

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
  std::string piece;
  {
    const std::lock_guard lock(mutex_);
    if (failure_) std::rethrow_exception(failure_);
    if (pieces_.empty()) return piece;
    piece = std::move(pieces_.front());
    pieces_.pop_front();
    bytes_ -= piece.size();
    if (!pieces_.empty()) filled_.raise();
  }
  taken_.notify_all();
  return piece;
}

bool Pump::is_empty() const {
  const std::lock_guard lock(mutex_);
  return pieces_.empty() && !blocked_;
}

bool Pump::wait() const {
  return sys::wait_unless(ending_.fd(), source_.fd());
}

// Under the lock. Reports are never torn apart.
void Pump::put(const std::string& raw) {
  if (pieces_.empty() || pieces_.back().size() + raw.size() > k_piece_bytes) {
    pieces_.push_back(raw);
  } else {
    pieces_.back() += raw;
  }
  bytes_ += raw.size();
  filled_.raise();
}

void Pump::work() noexcept {
  try {
    std::string raw;
    while (wait()) {
      raw.clear();
      if (!source_.read(raw)) continue;
      std::unique_lock lock(mutex_);
      blocked_ = bytes_ >= k_waiting_bytes_max;
      taken_.wait(lock, [&] { return end_ || bytes_ < k_waiting_bytes_max; });
      if (end_) return;
      blocked_ = false;
      put(raw);
    }
  } catch (...) {
    const std::lock_guard lock(mutex_);
    failure_ = std::current_exception();
    filled_.raise();
  }
}

}  // namespace recentd::watch
