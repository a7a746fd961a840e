#pragma once

#include <cstdint>
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
  };
  void note(Why why, std::string_view path);
  void add(const LeftOut& others);
  [[nodiscard]] std::uint64_t count() const noexcept { return unfinished_.count + bookkeeping_.count; }
  // What an operator should know, a line for each reason.
  [[nodiscard]] std::optional<std::string> remark(Why why) const;

  // Whether a name in the root that is kept for the index is one that nobody of us makes, so that whoever
  // put it there has to be told.
  static bool is_stray(std::string_view name, std::string_view filenameroot) noexcept;

 private:
  struct Names {
    std::uint64_t count = 0;
    std::set<std::string, std::less<>> first;  // a few, in their order
    void keep(std::string_view path);
  };
  Names unfinished_, bookkeeping_;
};

// The first names of many, spelled out for a reader, then how many more there are.
std::string first_names(const std::set<std::string, std::less<>>& first, std::uint64_t count);

}  // namespace recentd
