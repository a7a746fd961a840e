#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <exception>
#include <map>
#include <memory>
#include <mutex>
#include <thread>

#include "mirror/transfer/batch.hpp"

namespace recentd::mirror {

// Several batches under way at once, one connection each. With one lane a batch is transferred by start()
// itself, on the caller's thread. Used from one thread.
class Connections {
 public:
  explicit Connections(std::size_t count) : count_(count) {}
  // Waits for what is under way.
  ~Connections();
  Connections(const Connections&) = delete;
  Connections& operator=(const Connections&) = delete;

  [[nodiscard]] bool full() const noexcept { return under_way_ >= count_; }
  [[nodiscard]] bool empty() const noexcept { return under_way_ == 0; }
  // Begins the transfer of a prepared batch. Precondition: not full.
  void start(std::unique_ptr<Batch> batch);
  // The next batch that is through, in whatever order they end. Precondition: not empty. Throws what its
  // transfer threw.
  std::unique_ptr<Batch> next();

 private:
  struct Through {
    std::unique_ptr<Batch> batch;
    std::exception_ptr failure;
  };
  static Through transfer(std::unique_ptr<Batch> batch);

  std::size_t count_;
  std::size_t under_way_ = 0;  // started and not yet handed back
  std::map<const Batch*, std::thread> threads_;
  std::mutex mutex_;
  std::condition_variable one_more_;
  std::deque<Through> through_;
};

}  // namespace recentd::mirror
