#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>

#include "tree/tree.hpp"

namespace recentd::watch {

// What an index set tells to be present below some directories, by the newest event of each path over all
// levels. Holds hashes, not paths (about 60 bytes for each), and reads the files twice. Not for use from two
// threads.
class IndexView {
 public:
  // `directories`: relative to the root, "" for everything. Throws Error{missing, corrupt}.
  IndexView(const TreeLayout& layout, std::set<std::string> directories);

  struct Entry {
    EpochKey epoch;
    bool present = false;
    bool met = false;  // for whoever compares
  };
  // Nothing for a path that the index does not know, or knows to be deleted.
  [[nodiscard]] Entry* find(std::string_view path);
  // How many paths are present.
  [[nodiscard]] std::uint64_t present() const noexcept { return present_; }
  // Calls `take` with each path that is present and was not met; all are met then.
  void each_unmet(const std::function<void(std::string_view path)>& take);

 private:
  void read(const std::function<void(const EventRow&)>& take) const;

  const TreeLayout& layout_;
  std::set<std::string> directories_;
  std::unordered_map<std::uint64_t, Entry> entries_;
  std::uint64_t present_ = 0;
};

}  // namespace recentd::watch
