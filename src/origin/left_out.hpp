#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <iterator>
#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace recentd {

// What no index tells of because of its name, though somebody may miss it there: counted, and the first names
// kept. Value type; not for use from two threads.
class LeftOut {
 public:
  enum class Why : std::uint8_t {
    unfinished,   // it looks like what rsync is at work on
    bookkeeping,  // the root keeps such names for the index and for Perl's client, and yet it is none of
                  // theirs
    // A directory that is another tree: what its mirror or its index keep for themselves is left out, in
    // part.
    inner_tree,
    lost_and_found,  // a directory of the file system's own, which only root may read
  };
  static constexpr Why k_all[] = {Why::unfinished, Why::bookkeeping, Why::inner_tree, Why::lost_and_found};
  void note(Why why, std::string_view path);
  void add(const LeftOut& others);
  // What is in inner trees is left out as a whole, in those of which `is_another` says so; the others are
  // none.
  void leave_inner_trees(const std::function<bool(const std::string& directory)>& is_another);
  [[nodiscard]] bool is_in_inner_tree(std::string_view path) const;
  [[nodiscard]] std::uint64_t count() const noexcept { return names_[0].count + names_[1].count; }
  // What an operator should know, a line for each reason.
  [[nodiscard]] std::optional<std::string> remark(Why why) const;

  // The inner tree that a name shows, which is met below the root: of a mirror's private place, or of an
  // index's link. Nothing for other names.
  static std::optional<std::string_view> inner_tree_of(std::string_view path) noexcept;
  // Whether a name in the root that is kept for the index is one that nobody of us makes, so that whoever
  // put it there has to be told.
  static bool is_stray(std::string_view name, std::string_view filenameroot) noexcept;

 private:
  [[nodiscard]] std::optional<std::string> remark_on_inner_trees() const;
  struct Names {
    std::uint64_t count = 0;
    std::set<std::string, std::less<>> first;  // a few, in their order
    void keep(std::string_view path);
  };
  std::array<Names, std::size(k_all)> names_;       // by reason; of inner trees none
  std::set<std::string, std::less<>> inner_trees_;  // there are not many
  bool all_of_inner_trees_ = false;
};

// The first names of many, spelled out for a reader, then how many more there are.
std::string first_names(const std::set<std::string, std::less<>>& first, std::uint64_t count);

}  // namespace recentd
