#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "lib/yaml/parser.hpp"

namespace recentd::yaml {

// One event as it is kept for aliases.
struct Recorded {
  enum class Type : std::uint8_t { scalar, begin_map, end_map, begin_sequence, end_sequence, alias };
  Type type;
  Spelling spelling;
  std::size_t offset;  // or the anchor, for an alias
  std::string text;
};

// Hands events on and keeps what anchors name, so that aliases can be expanded within bounds.
class Expander {
 public:
  Expander(const Bounds& bounds, Events& events) : bounds_(bounds), events_(events) {}

  // anchor: 0 if the node has none.
  void scalar(const std::string& text, Spelling spelling, std::size_t offset, std::size_t anchor);
  void begin(Recorded::Type type, std::size_t offset, std::size_t anchor);
  void end(Recorded::Type type);
  // Throws Error{corrupt} for an anchor around its own alias and beyond the bounds.
  void alias(std::size_t anchor, std::size_t offset);

 private:
  struct Node {
    std::size_t begin, end;  // in log_; end is 0 while the node is open
  };
  struct OpenNode {
    std::size_t anchor, depth;
  };
  void record(Recorded event);
  void replay(std::size_t anchor, std::size_t offset, std::size_t depth);
  void emit(const Recorded& event);

  Bounds bounds_;
  Events& events_;
  std::vector<Recorded> log_;  // everything inside anchored nodes
  std::map<std::size_t, Node> nodes_;
  std::vector<OpenNode> open_;  // anchored collections that have not ended
  std::size_t depth_ = 0;
  std::size_t logged_bytes_ = 0;
  std::size_t replayed_events_ = 0, replayed_bytes_ = 0;
};

}  // namespace recentd::yaml
