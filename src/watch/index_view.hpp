#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "sys/hash_table.hpp"
#include "tree/tree.hpp"

namespace recentd::watch {

// What an index set tells to be present below some directories, by the newest event of each path over all
// levels. Holds hashes, not paths (some 24 bytes for each), and reads the files each time from their
// beginning. Not for use from two threads.
class IndexView {
 public:
  // `directories`: relative to the root, "" for everything. Throws Error{missing, corrupt}.
  IndexView(const TreeLayout& layout, std::set<std::string> directories);

  // The newest event of a path that is present.
  class Entry {
   public:
    explicit Entry(std::uint64_t& packed) : packed_(packed) {}
    [[nodiscard]] std::int64_t epoch_s() const noexcept;
    // For whoever compares.
    void meet() noexcept;

   private:
    std::uint64_t& packed_;
  };
  // Nothing for a path that the index does not know, or knows to be deleted. Valid as long as the view.
  [[nodiscard]] std::optional<Entry> find(std::string_view path);
  // How many paths are present.
  [[nodiscard]] std::uint64_t present() const noexcept { return present_; }
  // Asks for each path that is present and was not met whether it is wanted, and tells how many are; all are
  // met then.
  std::uint64_t choose_unmet(const std::function<bool(std::string_view path)>& wanted);
  // Calls `take` with each of those that were chosen, once; reads the files again, as that many paths may be
  // too many to be kept.
  void each_chosen(const std::function<void(std::string_view path)>& take);

 private:
  void read(const std::function<void(const EventRow&)>& take) const;

  const TreeLayout& layout_;
  std::set<std::string> directories_;
  sys::HashTable entries_;  // epoch, and whether it is present and met, in one number
  std::uint64_t present_ = 0;
};

}  // namespace recentd::watch
