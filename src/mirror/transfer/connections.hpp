#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <thread>

#include "mirror/transfer/batch.hpp"

namespace recentd::mirror {

// Several batches under way at once, one connection each, with a thread for each. A single one is transferred
// on the caller's own thread, inside next(). Used from one thread.
class Connections {
 public:
  // What a connection does with a batch, on any thread; calls what of `meanwhile` is not empty.
  using Transfer = std::function<void(Batch& batch, const Meanwhile& meanwhile)>;

  Connections(std::size_t count, Transfer transfer) : count_(count), transfer_(std::move(transfer)) {}
  // Waits for what is under way.
  ~Connections();
  Connections(const Connections&) = delete;
  Connections& operator=(const Connections&) = delete;

  [[nodiscard]] bool full() const noexcept { return under_way_ >= count_; }
  [[nodiscard]] bool empty() const noexcept { return under_way_ == 0; }
  // Begins the transfer of a prepared batch. Precondition: not full.
  void start(std::unique_ptr<Batch> batch);
  // The next batch that is through, in whatever order they end; `meanwhile` is done on this thread while they
  // are under way. Precondition: not empty. Throws what its transfer, or `meanwhile`, threw.
  std::unique_ptr<Batch> next(const Meanwhile& meanwhile);

 private:
  struct Through {
    std::unique_ptr<Batch> batch;
    std::exception_ptr failure;
  };
  Through transfer(std::unique_ptr<Batch> batch, const Meanwhile& meanwhile) const;
  void start_thread(std::unique_ptr<Batch> batch);

  std::size_t count_;
  Transfer transfer_;
  std::size_t under_way_ = 0;       // started and not yet handed back
  std::unique_ptr<Batch> waiting_;  // for next(), where there is one connection
  std::map<const Batch*, std::thread> threads_;
  std::mutex mutex_;
  std::condition_variable one_more_;
  std::deque<Through> through_;
};

}  // namespace recentd::mirror
