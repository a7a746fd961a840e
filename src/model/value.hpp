#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace recentd {

// A tree of text: what index files, configuration and state are made of once parsed. No types beyond these:
// numbers are their digits.
struct Value {
  enum class Type { null, scalar, sequence, map };
  Type type = Type::null;
  std::string text;                                    // scalar
  bool number = false;                                 // scalar that was a bare number in JSON
  std::vector<Value> items;                            // sequence
  std::vector<std::pair<std::string, Value>> members;  // map, in file order

  static Value scalar(std::string text);
  static Value sequence(std::vector<Value> items);
  static Value map(std::vector<std::pair<std::string, Value>> members);

  // The member of a map; nullptr if there is none (or this is no map).
  [[nodiscard]] const Value* find(std::string_view key) const noexcept;
  [[nodiscard]] bool is_null() const noexcept { return type == Type::null; }
  bool operator==(const Value&) const = default;
};

}  // namespace recentd
