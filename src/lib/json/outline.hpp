#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace recentd::json {

// The rough structure of a JSON document, found in one pass without parsing it: where the members of the root
// stand and where the items of a large list may be cut apart. Says nothing about what is inside; the parser
// does.

struct Span {
  std::size_t begin = 0, end = 0;
};

struct Member {
  std::string_view key;  // without quotes, escapes as they are
  Span value;
  std::vector<std::size_t> cuts;  // of a list: where it may be cut, each behind an item
};

struct Outline {
  bool is_list = false;         // the root is a list; `members` is empty then
  std::vector<Member> members;  // of the root map, in file order
  Member list;                  // the root, if it is a list; without key
};

// Lists are cut about every portion_bytes. Throws Error{corrupt} ("JSON at byte N: ...") if the root is
// neither map nor list, brackets do not match up, something follows, or it is nested deeper than depth_max.
Outline outline(std::string_view text, std::size_t depth_max, std::size_t portion_bytes);

// A list's items in portions that can be parsed one by one: the first begins behind `[`, each other one at
// the comma before its first item, the last one ends at `]`. A portion beyond bytes_max is Error{corrupt}:
// one item is too large.
std::vector<Span> portions(std::string_view text, const Member& list, std::size_t bytes_max);

// Throws Error{corrupt}: "JSON at byte OFFSET: WHAT".
[[noreturn]] void fail(std::size_t offset, std::string_view what);

}  // namespace recentd::json
