#include "lib/yaml/document.hpp"

#include <algorithm>

#include "lib/yaml/parser.hpp"

namespace recentd::yaml {

namespace {

const Bounds k_bounds = {
    .depth = 16, .bytes = std::size_t{1} << 20, .flow_marks = 100000, .alias_events = 100000};

// Turns offsets that mostly rise into line numbers.
class Lines {
 public:
  explicit Lines(std::string_view text) : text_(text) {}
  std::size_t at(std::size_t offset) {
    offset = std::min(offset, text_.size());
    if (offset < at_) at_ = 0, line_ = 1;
    line_ += static_cast<std::size_t>(std::count(text_.begin() + static_cast<std::ptrdiff_t>(at_),
                                                 text_.begin() + static_cast<std::ptrdiff_t>(offset), '\n'));
    at_ = offset;
    return line_;
  }

 private:
  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t line_ = 1;
};

// Builds nodes from events: a collection stays open until its end, a map's node waits for its value.
class Builder : public Events {
 public:
  explicit Builder(std::string_view text) : lines_(text) {}

  void scalar(std::string_view text, Spelling spelling, std::size_t offset) override {
    Node node = make(Node::Type::scalar, offset);
    node.text = text;
    node.null = spelling == Spelling::plain && is_null_word(text);
    add(std::move(node));
  }
  void begin_map(std::size_t offset) override { open_.push_back({make(Node::Type::map, offset), {}}); }
  void begin_sequence(std::size_t offset) override {
    open_.push_back({make(Node::Type::sequence, offset), {}});
  }
  void end_map() override { close(); }
  void end_sequence() override { close(); }

  Node root() && { return std::move(root_); }

 private:
  struct Open {
    Node node;
    std::vector<Node> key;  // of a map: one that has no value yet
  };

  Node make(Node::Type type, std::size_t offset) {
    Node node;
    node.type = type;
    node.line = lines_.at(offset);
    return node;
  }

  void close() {
    Node node = std::move(open_.back().node);
    open_.pop_back();
    add(std::move(node));
  }

  void add(Node node) {
    if (open_.empty()) {
      root_ = std::move(node);
      return;
    }
    auto& [parent, key] = open_.back();
    if (parent.type == Node::Type::sequence) {
      parent.items.push_back(std::move(node));
    } else if (key.empty()) {
      key.push_back(std::move(node));
    } else {
      // A value that is not there has the mark of what comes after it.
      if (node.null && node.text.empty()) node.line = key.front().line;
      parent.entries.push_back({std::move(key.front()), std::move(node)});
      key.clear();
    }
  }

  Lines lines_;
  std::vector<Open> open_;
  Node root_{.type = Node::Type::scalar, .line = 1, .text = {}, .null = true, .entries = {}, .items = {}};
};

}  // namespace

Node parse_document(std::string_view text) {
  Builder builder(text);
  try {
    parse(text, HighEscapes::guess, k_bounds, builder);
  } catch (const Malformed& error) {
    throw SyntaxError(Lines(text).at(error.offset()), error.reason());
  }
  return std::move(builder).root();
}

}  // namespace recentd::yaml
