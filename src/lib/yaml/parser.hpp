#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

#include <recentd/error.hpp>

#include "lib/yaml/scalar.hpp"

namespace recentd::yaml {

// Any YAML, through yaml-cpp's event interface. Hostile input (cyclic or exploding aliases, deep nesting) is
// refused.

struct Bounds {
  std::size_t depth = 64;
  std::size_t bytes = std::size_t{64} << 20;  // of the text
  std::size_t flow_marks = 200000;  // []{}, in all: yaml-cpp keeps a whole flow collection as tokens
  std::size_t silent_bytes = std::size_t{4} << 20;  // that it may take in before it tells of something
  std::size_t alias_events = 200000;                // that aliases may add in all
  std::size_t alias_bytes = std::size_t{4} << 20;
  std::function<void(std::string_view)> done_with = {};  // told what is not looked at again; may be empty
};

// How a scalar was spelled, as far as it matters: an unquoted one may be a null word.
enum class Spelling { plain, text };

// Receives the document; aliases come expanded. Offsets are bytes of the input.
class Events {
 public:
  virtual ~Events() = default;
  virtual void scalar(std::string_view text, Spelling spelling, std::size_t offset) = 0;
  virtual void begin_map(std::size_t offset) = 0;
  virtual void end_map() = 0;
  virtual void begin_sequence(std::size_t offset) = 0;
  virtual void end_sequence() = 0;
};

// What parse() throws: Error{corrupt} "YAML at byte N: reason".
class Malformed : public Error {
 public:
  Malformed(std::size_t offset, const std::string& reason);
  [[nodiscard]] std::size_t offset() const noexcept { return offset_; }
  [[nodiscard]] const std::string& reason() const noexcept { return reason_; }

 private:
  std::size_t offset_;
  std::string reason_;
};

// Parses the only document of the text. True if escapes of high bytes were taken as code points by guess.
// Throws Malformed for malformed text, NUL bytes, a second document, or what
// goes beyond the bounds; text may be at most 256 MB.
bool parse(std::string_view text, HighEscapes high, const Bounds& bounds, Events& events);

}  // namespace recentd::yaml
