#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <recentd/epoch.hpp>

namespace recentd::service {

// How a tree of the service fares.

enum class TreeState {
  starting,
  working,   // a poll, a transfer or an aggregation is under way
  waiting,   // for the next one; all went well
  retrying,  // for the next try after trouble
  stopping,  // told to stop, and not there yet
  stopped,
  failed,  // it went down by itself, and stays down
};
std::string_view to_string(TreeState state) noexcept;

struct TreeStatus {
  TreeState state = TreeState::starting;
  TimePoint since{};                   // when it entered that state
  std::uint64_t rounds = 0;            // polls or aggregations that have ended
  std::uint64_t failures = 0;          // in a row
  std::optional<TimePoint> last_good;  // end of the last round without trouble
  std::uint64_t synced = 0;            // files confirmed since the tree was started
  std::uint64_t deleted = 0;
  std::uint64_t held_deletes = 0;  // that wait for an operator
  bool up_to_date = false;
  std::string message;  // the last trouble, while it lasts, or why it failed
};

// A tree's status, written by its thread and read by others. Thread-safe.
class StatusBoard {
 public:
  [[nodiscard]] TreeStatus read() const;
  // Changes it under the lock: `change` gets a TreeStatus&.
  template <class Change>
  void write(Change change) {
    const std::lock_guard guard(mutex_);
    change(status_);
  }
  // Enters a state; nothing happens if it is in that state already, or has ended.
  void enter(TreeState state, TimePoint now);

 private:
  mutable std::mutex mutex_;
  TreeStatus status_;
};

struct NamedStatus {
  std::string name;
  TreeStatus status;
};

// One line about all trees, for the service manager: "3 trees: 2 up to date, 1 failed; pub: why".
std::string summary(const std::vector<NamedStatus>& trees);

}  // namespace recentd::service
