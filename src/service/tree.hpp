#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <thread>

#include <recentd/clock.hpp>
#include <recentd/error.hpp>

#include "service/tree_status.hpp"
#include "settings/tree_config.hpp"

namespace recentd::service {

// One tree at work in a thread of its own. What goes wrong with it stays with it.
class Tree {
 public:
  using Work = std::function<void(const settings::TreeConfig&, Clock&, StatusBoard&)>;

  // Starts. `on_end` is called from the tree's thread, as the last thing it does. Throws Error{io} without
  // threads or descriptors.
  Tree(settings::TreeConfig config, Work work, std::function<void()> on_end);
  // Stops, and waits for the end.
  ~Tree();
  Tree(const Tree&) = delete;
  Tree& operator=(const Tree&) = delete;

  // Asks it to end at its next safe point; does not wait.
  void stop() noexcept;
  [[nodiscard]] bool stopping() const noexcept { return stop_.is_set(); }
  [[nodiscard]] bool ended() const noexcept { return ended_.load(); }

  [[nodiscard]] const settings::TreeConfig& config() const noexcept { return config_; }
  [[nodiscard]] TreeStatus status() const { return board_.read(); }
  // Why it ended, if that was an error.
  [[nodiscard]] std::optional<Kind> failure() const;
  // When its thread last showed that it is not stuck, in the machine's steady time.
  [[nodiscard]] std::chrono::nanoseconds last_sign_of_life() const noexcept;

 private:
  void live();
  void end(std::optional<Kind> failure, const std::string& message);

  settings::TreeConfig config_;
  Work work_;
  std::function<void()> on_end_;
  Stop stop_;
  std::unique_ptr<Clock> clock_;
  std::chrono::nanoseconds started_;
  StatusBoard board_;
  std::optional<Kind> failure_;  // valid once ended_
  std::atomic<bool> ended_{false};
  std::thread thread_;
};

}  // namespace recentd::service
