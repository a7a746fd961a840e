#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace recentd::audit {

// What is wrong with a tree and its index, as far as an audit sees.
enum class Check {
  index,     // an index file by itself: broken, out of order, duplicates, wrong meta
  levels,    // index files against each other: gaps, dirtymarks
  missing,   // named as present, and not there
  type,      // named as present, and something else is there
  extra,     // there, and no event names it
  hidden,    // there, and its newest event is a delete
  changed,   // there, and not as its newest event records it
  content,   // there, and not what the source has
  leftover,  // what a process that died, or a setting of old, left behind
  unread,    // what cannot be looked at
  state,     // the mirror's own record against index and disk
  source,    // the mirror against its source
  known,     // named as present, and the mirror knows that it cannot be had: no difference
  left_out,  // named as present, and of a kind that no mirror takes: no difference
};
std::string_view to_string(Check check) noexcept;

struct Finding {
  Check check;
  std::string name;    // raw bytes: a path or an index file; empty: the tree as a whole
  std::string detail;  // one line
};

// Collects findings: counts all, keeps the first of each check.
class Findings {
 public:
  explicit Findings(std::size_t kept_max) : kept_max_(kept_max) {}

  void add(Check check, std::string_view name, std::string detail);

  [[nodiscard]] std::uint64_t total() const noexcept { return total_; }
  [[nodiscard]] std::uint64_t count(Check check) const;
  // In the order of the checks.
  [[nodiscard]] std::vector<Finding> kept() const;

 private:
  std::size_t kept_max_;
  std::uint64_t total_ = 0;
  std::map<Check, std::uint64_t> counts_;
  std::map<Check, std::vector<Finding>> kept_;
};

}  // namespace recentd::audit
