#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "codec/codec.hpp"
#include "codec/lines.hpp"
#include "codec/row_maker.hpp"
#include "lib/yaml/scalar.hpp"
#include "model/value.hpp"

namespace recentd::codec {

struct RecordShape;

// Reads the block style of YAML as programs emit it: any indentation and key order, quotes, comments, CRLF.
// Whatever else YAML has is thrown as Unsupported and left to the general parser, what is beyond the limits
// as Oversized. Works over borrowed text; decoded texts go to the storage. Not for use from two threads at
// once.
class BlockParser {
 public:
  BlockParser(std::string_view text, EventList& storage, const Limits& limits)
      : text_(text), storage_(storage), limits_(limits) {}

  Lines lines;
  yaml::HighEscapes high = yaml::HighEscapes::guess;
  // True once escapes of high bytes were taken as code points by guess.
  [[nodiscard]] bool guessed() const noexcept { return guessed_; }

  // The map whose first key is the current line.
  Value map(std::size_t depth);
  // The text of a `key:` that begins the current line, and where the rest of the line begins; nothing if it
  // has none.
  struct Key {
    std::string_view text;
    std::size_t rest;
  };
  std::optional<Key> key();
  // What follows a key, or the dash of an item, whose rest of the line begins there; moves on behind it.
  enum class Parent { map, sequence };
  Value value_after(std::size_t rest, Parent parent, std::size_t parent_indent, std::size_t depth);

  // The event at the current line's dash; `shape` tells where its values stand.
  void event(RawEvent& event, RecordShape& shape);

  // The scalar in [begin, end) if it is one, and nothing else: no comment, no blanks around it.
  bool try_whole_scalar(std::size_t begin, std::size_t end, std::string_view& text);

 private:
  struct Scalar {
    std::string_view text;
    bool quoted = false;
    std::size_t end = 0;  // behind its last byte, quotes included
  };
  std::optional<Scalar> quoted_scalar(std::size_t begin, std::size_t end);
  std::optional<Scalar> plain_scalar(std::size_t begin, std::size_t end) const;
  Scalar scalar(std::size_t begin, std::size_t end);
  [[nodiscard]] std::size_t skip_blanks(std::size_t at, std::size_t end) const;
  [[nodiscard]] bool is_done(std::size_t at, std::size_t end) const;
  std::optional<Value> empty_flow(std::size_t begin, std::size_t end) const;
  Value node(std::size_t depth);
  Value sequence(std::size_t depth);
  Value item(std::size_t dash_indent, std::size_t depth);
  void end_scalar(std::size_t parent_indent);
  void event_key(RawEvent& event, RecordShape& shape, std::size_t indent);
  void event_value(RawEvent& event, RecordShape& shape, const Key& name, std::size_t indent);
  void count_value();
  void check_scalar(std::string_view text) const;

  std::string_view text_;
  EventList& storage_;
  const Limits& limits_;
  bool guessed_ = false;
  std::size_t values_ = 0;
};

// A value as the text of an event's extra key: a scalar's text, anything deeper as JSON.
std::string extra_text(const Value& value);

}  // namespace recentd::codec
