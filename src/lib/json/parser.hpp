#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "lib/json/outline.hpp"
#include "model/value.hpp"

namespace recentd::json {

// A value that is no map and no list, as it stands in the file.
struct Token {
  enum class Type { text, number, word };  // word: true, false, null
  Type type;
  std::string_view raw;  // of the input; for a text what is between its quotes
  std::size_t offset;
};

// What text strings stand for.
class Strings {
 public:
  virtual ~Strings() = default;
  // The bytes of the text between the quotes; throws Error{corrupt} for an escape that JSON does not know.
  virtual std::string decode(std::string_view raw, std::size_t offset) = 0;
};

// Receives the events of a portion. Views are of the input.
class Items {
 public:
  virtual ~Items() = default;
  virtual void begin_item(std::size_t offset) = 0;
  virtual void member(std::string_view raw_key, std::size_t offset, const Token& token) = 0;
  virtual void nested(std::string_view raw_key, std::size_t offset, Value&& value) = 0;
  virtual void end_item() = 0;
};

// Parses JSON with simdjson; keeps its buffers from call to call. All errors are Error{corrupt} that name the
// byte. Not for use from two threads at once.
class Parser {
 public:
  struct Bounds {
    std::size_t depth = 64;
    std::size_t values = 100000;
  };
  Parser(std::string_view text, Bounds bounds);
  ~Parser();
  Parser(const Parser&) = delete;
  Parser& operator=(const Parser&) = delete;

  // The maps of one portion of a list; anything that is no map is an error.
  void items(Span portion, bool first, Strings& strings, Items& items);
  // One value as a tree of text.
  Value value(Span span, Strings& strings);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

// True if the text is a number by JSON's grammar.
bool is_number(std::string_view text) noexcept;

}  // namespace recentd::json
