#pragma once

#include <cstddef>
#include <functional>
#include <string_view>
#include <vector>

namespace recentd::json {

// The rough structure of a JSON document, found in one pass without parsing it: where the members of the root
// stand and where the items of a large list may be cut apart. Says nothing about what is inside; the parser
// does.

struct Span {
  std::size_t begin = 0, end = 0;
  bool oversized = false;  // of a portion: one map that is beyond the limit
};

struct Member {
  std::string_view key;  // without quotes, escapes as they are
  Span value;
  std::vector<std::size_t> cuts;       // of a list: where it may be cut, each behind an item
  std::vector<std::size_t> oversized;  // which of these end a portion that is one map beyond the limit
};

struct Outline {
  bool is_list = false;         // the root is a list; `members` is empty then
  std::vector<Member> members;  // of the root map, in file order
  Member list;                  // the root, if it is a list; without key
};

struct OutlineBounds {
  std::size_t depth = 64;                          // nesting
  std::size_t portion_bytes = 4096;                // lists are cut about every so many
  std::size_t item_bytes = std::size_t{1} << 20;   // larger maps of `recent` are portions of their own
  std::size_t frame_bytes = std::size_t{1} << 20;  // beside the items of `recent`, or of the root list
  // Told what will not be looked at again soon; may be empty.
  std::function<void(std::string_view)> done_with = {};
};

// Throws Error{corrupt} ("JSON at byte N: ...") if the root is neither map nor list, brackets do not match
// up, something follows, or something is beyond the bounds.
Outline outline(std::string_view text, const OutlineBounds& bounds);

// A list's items in portions that can be parsed one by one: the first begins behind `[`, each other one at
// the comma before its first item, the last one ends at `]`. What is oversized is not for the parser.
std::vector<Span> portions(std::string_view text, const Member& list);

// Throws Error{corrupt}: "JSON at byte OFFSET: WHAT".
[[noreturn]] void fail(std::size_t offset, std::string_view what);

}  // namespace recentd::json
