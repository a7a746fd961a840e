#pragma once

#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "model/event_list.hpp"
#include "sys/path_table.hpp"
#include "tree/tree.hpp"

namespace recentd {

// What an index set says to be present at and below some paths, by the newest event of each name. Reads the
// levels from small to large, and no further than to the event by which the last of these paths is a file.
// What lies elsewhere costs no memory.
class PresentBelow {
 public:
  // The paths' texts must outlive it. Throws Error{corrupt, io} for a level that cannot be read.
  PresentBelow(const TreeLayout& layout, std::vector<std::string_view> paths);

  // The path itself is a file or link; paths that were not asked for are not.
  [[nodiscard]] bool is_present(std::string_view path) noexcept;
  // What is below it, sorted; what lies below two of the paths comes with the upper one. Valid as long as
  // this object.
  [[nodiscard]] std::vector<std::string_view> below(std::string_view path);

 private:
  // One of the paths, by itself.
  struct Asked {
    bool settled = false;  // its newest event is known
    bool present = false;
  };
  // A path below one of them.
  struct Seen {
    std::uint32_t asked : 31;
    std::uint32_t present : 1;
  };
  static_assert(sizeof(Seen) == 4);

  void read(const TreeLayout& layout);
  void take(const EventRow& row);
  [[nodiscard]] bool is_answered() const noexcept { return files_ == asked_.size(); }
  void collect();

  std::vector<Asked> asked_;
  sys::PathTable<std::uint32_t> places_;  // of the paths in asked_
  std::uint64_t lengths_ = 0;             // a bit for each length, modulo 64, that one of them has
  std::size_t files_ = 0;                 // of them
  TextArena texts_;
  sys::PathTable<Seen> seen_;
  std::vector<std::pair<std::uint32_t, std::string_view>> below_;  // sorted
};

}  // namespace recentd
