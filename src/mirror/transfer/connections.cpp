#include "mirror/transfer/connections.hpp"

#include <system_error>
#include <utility>

#include "sys/process/signal_free_thread.hpp"

namespace recentd::mirror {
namespace {

constexpr auto k_now_and_then = std::chrono::seconds(1);

}  // namespace

Connections::~Connections() {
  for (auto& [batch, thread] : threads_) thread.join();
}

Connections::Through Connections::transfer(std::unique_ptr<Batch> batch, const Meanwhile& meanwhile) const {
  Through through{std::move(batch), nullptr};
  try {
    transfer_(*through.batch, meanwhile);
  } catch (...) {
    through.failure = std::current_exception();
  }
  return through;
}

void Connections::start(std::unique_ptr<Batch> batch) {
  ++under_way_;
  if (count_ == 1)
    waiting_ = std::move(batch);
  else
    start_thread(std::move(batch));
}

void Connections::start_thread(std::unique_ptr<Batch> batch) {
  Batch* const key = batch.get();
  // A thread takes nothing by value that could be lost if it cannot be started.
  auto shared = std::make_shared<std::unique_ptr<Batch>>(std::move(batch));
  const auto work = [this, shared] {
    auto through = transfer(std::move(*shared), {});
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

std::unique_ptr<Batch> Connections::next(const Meanwhile& meanwhile) {
  Through through;
  if (waiting_) {
    through = transfer(std::move(waiting_), meanwhile);
  } else {
    if (meanwhile.once) meanwhile.once();
    std::unique_lock lock(mutex_);
    while (!one_more_.wait_for(lock, k_now_and_then, [this] { return !through_.empty(); })) {
      if (!meanwhile.now_and_then) continue;
      lock.unlock();
      meanwhile.now_and_then();
      lock.lock();
    }
    through = std::move(through_.front());
    through_.pop_front();
  }
  --under_way_;
  if (const auto thread = threads_.extract(through.batch.get())) thread.mapped().join();
  if (through.failure) std::rethrow_exception(through.failure);
  return std::move(through.batch);
}

}  // namespace recentd::mirror
