#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "sys/tree/dir.hpp"

namespace recentd::target {

// Directories of a target, or of an origin, that are targets themselves, or were: each has a private
// directory of its own, and whatever is in it belongs to that one; recentd-mirror(7), A tree inside another.
// Not for use from two threads.
class InnerTrees {
 public:
  // The target must outlive it.
  explicit InnerTrees(const sys::Dir& target) : target_(target) {}

  // Whether a path lies in one of them. What was seen once is believed until forget().
  bool cover(std::string_view path);
  // Whether a directory is one of them, or lies in one.
  bool is_or_lies_in_one(std::string_view directory);
  void forget() { known_.clear(); }

 private:
  const sys::Dir& target_;
  std::unordered_map<std::string, bool> known_;  // by directory
};

// Whether a directory below a target belongs to another tree, by what is in it: a private directory, or an
// index that `is_ours` does not know as content.
bool is_another_tree(std::string_view directory, const std::vector<sys::Dir::Entry>& entries,
                     const std::function<bool(const std::string& path)>& is_ours);

}  // namespace recentd::target
