#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <recentd/error.hpp>

namespace recentd::yaml {

// A small YAML document as a tree whose nodes know their lines, for files that people write.

struct Node {
  enum class Type { scalar, map, sequence };
  struct Entry;
  Type type = Type::scalar;
  std::size_t line = 0;        // from 1
  std::string text;            // of a scalar
  bool null = false;           // a scalar that is not there, or `null` or `~` without quotes
  std::vector<Entry> entries;  // of a map, in the file's order; a key may stand there twice
  std::vector<Node> items;     // of a sequence
};

struct Node::Entry {
  Node key, value;
};

// Why a text is no YAML document.
class SyntaxError : public Error {
 public:
  SyntaxError(std::size_t line, const std::string& message) : Error(Kind::config, message), line_(line) {}
  [[nodiscard]] std::size_t line() const noexcept { return line_; }

 private:
  std::size_t line_;
};

// The only document of the text; an empty text is a null scalar. Throws SyntaxError for what is no YAML, and
// for more than 1 MB or 16 levels.
Node parse_document(std::string_view text);

}  // namespace recentd::yaml
