#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace recentd::test {

// The newest word of the published levels about a path.
struct NewestWord {
  std::string epoch;
  bool present = false;  // "new"
};

// Adds what an index file says to what smaller ones do. Knows the canonical YAML layout only, and none of
// recentd's code.
void take_words(const std::string& text, std::map<std::string, NewestWord>& words);

// What all levels that are visible in a tree say of each path, read from the principal up, so that an event
// which moves up meanwhile is not missed.
std::map<std::string, NewestWord> newest_words(const std::string& tree,
                                               const std::vector<std::string>& intervals);

// Whether a mirror's state says that a path cannot be had.
bool known_missing(const std::string& state, const std::string& path);

// Watches a mirror from outside all the time, as a downstream would: a path whose newest event over the
// published levels is `new` has to be there, unless the mirror has noted that it cannot be had
// (recentd-mirror(7), The promise). A miss counts only if the event still stands after the indexes were read
// again. One thread of its own; ends with the destructor.
class InvariantWatcher {
 public:
  InvariantWatcher(std::string tree, std::vector<std::string> intervals);
  InvariantWatcher(const InvariantWatcher&) = delete;
  InvariantWatcher& operator=(const InvariantWatcher&) = delete;
  ~InvariantWatcher();

  // Ends the watch; the violations seen, one line each.
  std::vector<std::string> stop();
  // Whole looks, and those that found the indexes changed; valid after stop().
  // May be asked while it watches.
  [[nodiscard]] std::uint64_t looks() const noexcept { return looks_; }
  [[nodiscard]] std::uint64_t changes() const noexcept { return changes_; }

 private:
  void watch();
  void look();

  std::string tree_;
  std::vector<std::string> intervals_;
  std::vector<std::string> violations_;
  std::set<std::string> reported_;
  std::atomic<std::uint64_t> looks_ = 0;
  std::uint64_t changes_ = 0;
  std::string last_principal_;
  std::atomic<bool> stop_{false};
  std::thread thread_;
};

}  // namespace recentd::test
