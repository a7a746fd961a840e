#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

#include "base/path_hash.hpp"
#include "sys/slots.hpp"

namespace recentd {

// What stands for a path where the path itself is not at hand: 96 bits under keys that nobody knows. Two
// paths with one mark are not expected among all that all trees will ever have.
struct PathMark {
  std::uint64_t place = 0;
  std::uint32_t check = 0;  // never 0
};

// Makes marks; only those of one maker can be compared.
class PathMarker {
 public:
  PathMarker() : place_(HashKeys::random()), check_(HashKeys::random()) {}
  [[nodiscard]] PathMark mark(std::string_view path) const noexcept {
    const auto check = static_cast<std::uint32_t>(path_hash(path, check_));
    return {path_hash(path, place_), check == 0 ? 1 : check};
  }

 private:
  HashKeys place_, check_;
};

// A table from marks to numbers, 16 bytes a slot and a third more slots than entries: unlike a PathTable it
// never looks at the paths, which may lie on pages of a file that are not in memory. Not for use from two
// threads.
class MarkTable {
 public:
  // Room for so many entries without growing.
  explicit MarkTable(std::size_t expected = 0);

  void prefetch(const PathMark& mark) const noexcept { __builtin_prefetch(&slots_[home(mark)]); }
  // Its number, nullptr if it has none. Valid until the next insert().
  [[nodiscard]] std::uint32_t* find(const PathMark& mark) noexcept;
  // Its number, and true if it was put in just now with this one.
  std::pair<std::uint32_t*, bool> insert(const PathMark& mark, std::uint32_t value);
  [[nodiscard]] std::size_t size() const noexcept { return used_; }

 private:
  struct Slot {
    std::uint64_t place = 0;
    std::uint32_t check = 0;  // 0: free
    std::uint32_t value = 0;
  };
  [[nodiscard]] std::size_t home(const PathMark& mark) const noexcept;
  [[nodiscard]] Slot& probe(const PathMark& mark) noexcept;
  void grow();

  std::size_t capacity_;
  sys::Slots<Slot> slots_;
  std::size_t used_ = 0;
};

// Tells which of a list's paths may stand in it twice: all that do, and of the others one in a hundred or
// less, for two bytes each.
class RepeatFilter {
 public:
  explicit RepeatFilter(std::size_t expected);
  // True if that mark may have been noted before.
  bool note(const PathMark& mark) noexcept;

 private:
  std::size_t words_;
  sys::Slots<std::uint64_t> bits_;
};

}  // namespace recentd
