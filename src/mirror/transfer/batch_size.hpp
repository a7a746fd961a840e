#pragma once

#include <chrono>
#include <cstddef>

namespace recentd::mirror {

// How many files the next transfer asks for: so many that it takes a few seconds, whatever files and line are
// like. Short ones waste the price of a connection, long ones delay fresh events. Pure.
class BatchSize {
 public:
  // Never more than `limit` files, which is at least 1.
  explicit BatchSize(std::size_t limit);

  [[nodiscard]] std::size_t next() const noexcept { return next_; }
  // For one that is made ready while the first is under way: what it will be if all goes well. Otherwise as
  // next().
  [[nodiscard]] std::size_t likely() const noexcept;
  // A transfer of so many files took so long. One smaller than next() only tells that it was too slow.
  void note(std::size_t files, std::chrono::nanoseconds took) noexcept;

 private:
  std::size_t limit_, next_;
  bool measured_ = false;
};

}  // namespace recentd::mirror
