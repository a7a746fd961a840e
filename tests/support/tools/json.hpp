#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace recentd::test {

// A JSON value as it is written: numbers and strings are text, exact to the last digit. Value type.
struct Json {
  enum class Type { null, boolean, number, string, array, object };
  Type type = Type::null;
  std::string text;                                   // number as written, string as UTF-8, "true" or "false"
  std::vector<Json> items;                            // array
  std::vector<std::pair<std::string, Json>> members;  // object

  // Throws std::runtime_error naming the byte.
  static Json parse(std::string_view text);

  [[nodiscard]] bool is_null() const noexcept { return type == Type::null; }
  [[nodiscard]] const Json* find(std::string_view key) const noexcept;
  [[nodiscard]] bool has(std::string_view key) const noexcept;  // there, and not null
  // The member's text; empty if it is not there.
  [[nodiscard]] std::string get(std::string_view key) const;
  // A byte string of the vectors: {"hex": "..."} or the text itself.
  [[nodiscard]] std::string bytes() const;
  [[nodiscard]] bool truthy() const noexcept;  // true, or a number or string that is not "0" or empty
};

}  // namespace recentd::test
