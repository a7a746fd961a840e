#include "mirror/transfer/connections.hpp"

#include <system_error>

#include "sys/process/signal_free_thread.hpp"

namespace recentd::mirror {

Connections::~Connections() {
  for (auto& [batch, thread] : threads_) thread.join();
}

Connections::Through Connections::transfer(std::unique_ptr<Batch> batch) {
  Through through{std::move(batch), nullptr};
  try {
    through.batch->transfer();
  } catch (...) {
    through.failure = std::current_exception();
  }
  return through;
}

void Connections::start(std::unique_ptr<Batch> batch) {
  ++under_way_;
  if (count_ == 1) {
    through_.push_back(transfer(std::move(batch)));
    return;
  }
  Batch* const key = batch.get();
  // A thread takes nothing by value that could be lost if it cannot be started.
  auto shared = std::make_shared<std::unique_ptr<Batch>>(std::move(batch));
  const auto work = [this, shared] {
    auto through = transfer(std::move(*shared));
    {
      const std::lock_guard lock(mutex_);
      through_.push_back(std::move(through));
    }
    one_more_.notify_one();
  };
  try {
    threads_.emplace(key, sys::signal_free_thread(work));
  } catch (const std::system_error&) {
    work();
  }
}

std::unique_ptr<Batch> Connections::next() {
  std::unique_lock lock(mutex_);
  one_more_.wait(lock, [this] { return !through_.empty(); });
  Through through = std::move(through_.front());
  through_.pop_front();
  lock.unlock();
  --under_way_;
  if (const auto thread = threads_.extract(through.batch.get())) thread.mapped().join();
  if (through.failure) std::rethrow_exception(through.failure);
  return std::move(through.batch);
}

}  // namespace recentd::mirror
