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

// A list's items in portions that can be parsed one by one: the first begins behind `[`, each other one at
// the comma before its first item, the last one ends at `]`.
struct Portions {
  std::vector<Span> spans;
};

struct Member {
  std::string_view key;  // without quotes, escapes as they are
  Span value;
};

struct Outline {
  bool is_list = false;         // the root is a list; `members` is empty then
  std::vector<Member> members;  // of the root map, in file order
  Span list;                    // the root, if it is a list
};

// Throws Error{corrupt} ("JSON at byte N: ...") if the root is neither map nor list, brackets do not match
// up, something follows, or it is nested deeper than that.
Outline outline(std::string_view text, std::size_t depth_max);

// Cuts the list at `list` into portions of about portion_bytes; a single item may make one larger, but none
// exceeds item_bytes_max (Error{corrupt}).
Portions cut_list(std::string_view text, Span list, std::size_t portion_bytes, std::size_t item_bytes_max);

// Throws Error{corrupt}: "JSON at byte OFFSET: WHAT".
[[noreturn]] void fail(std::size_t offset, std::string_view what);

}  // namespace recentd::json
