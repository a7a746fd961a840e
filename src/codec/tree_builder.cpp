#include "codec/tree_builder.hpp"

#include "base/text.hpp"
#include "codec/failure.hpp"
#include "codec/meta_convert.hpp"

namespace recentd::codec {

bool TreeBuilder::at_recent() const {
  return content_ == Content::index && frames_.size() == 1 && frames_[0].has_key &&
         frames_[0].key == "recent";
}

void TreeBuilder::count_bytes(std::size_t bytes, std::size_t offset) {
  if (content_ == Content::any || in_events_) return;
  if (bytes > limits_.scalar_bytes)
    fail({Format::yaml, offset}, beyond("a text", bytes, limits_.scalar_bytes));
  if ((frame_bytes_ += bytes) > limits_.frame_bytes)
    fail({Format::yaml, offset}, frame_beyond(limits_.frame_bytes));
}

void TreeBuilder::scalar(std::string_view text, yaml::Spelling spelling, std::size_t offset) {
  count_bytes(text.size(), offset);
  if (!frames_.empty() && frames_.back().value.type == Value::Type::map && !frames_.back().has_key) {
    frames_.back().key = text;
    frames_.back().has_key = true;
    return;
  }
  const bool is_null = spelling == yaml::Spelling::plain && (text.empty() || text == "~");
  auto value = is_null ? Value() : Value::scalar(std::string(text));
  if (is_null && (in_events_ || at_recent())) value.text = text;
  add(std::move(value), offset);
}

void TreeBuilder::begin_map(std::size_t offset) {
  if (frames_.size() == 1 && frames_[0].has_key && frames_[0].key == "meta") meta_offset = offset;
  open(Value::Type::map, offset, false);
}

void TreeBuilder::begin_sequence(std::size_t offset) {
  bool events = false;
  if (content_ == Content::index && frames_.empty()) {
    events = is_list = true;
  } else if (at_recent()) {
    if (saw_recent) fail({Format::yaml, offset}, "recent is there twice");
    events = saw_recent = true;
  }
  open(Value::Type::sequence, offset, events);
}

void TreeBuilder::open(Value::Type type, std::size_t offset, bool events) {
  if (frames_.size() >= limits_.depth) fail({Format::yaml, offset}, "nested too deeply");
  if (!frames_.empty() && frames_.back().value.type == Value::Type::map && !frames_.back().has_key) {
    fail({Format::yaml, offset}, "a key that is no text");
  }
  Frame frame;
  frame.value.type = type;
  frame.events = events;
  frame.offset = offset;
  frames_.push_back(std::move(frame));
  if (events) in_events_ = true;
}

void TreeBuilder::close() {
  auto frame = std::move(frames_.back());
  frames_.pop_back();
  if (frame.events) {
    in_events_ = false;
    if (frames_.empty()) {
      saw_root = true;
    } else {
      frames_.back().has_key = false;
    }
    return;
  }
  add(std::move(frame.value), frame.offset);
}

void TreeBuilder::add(Value value, std::size_t offset) {
  if (++values_ > limits_.values)
    fail({Format::yaml, offset},
         cat("more than ", limits_.values, " values, which is the limit beside the events"));
  if (frames_.empty()) {
    root = std::move(value);
    saw_root = true;
    return;
  }
  auto& frame = frames_.back();
  if (frame.events) {
    values_ = 0;
    event(std::move(value), offset);
  } else if (frame.value.type == Value::Type::sequence) {
    frame.value.items.push_back(std::move(value));
  } else {
    if (at_recent()) {
      if (saw_recent || value.text.empty() || !is_no_value(value))
        fail({Format::yaml, offset}, "recent is no sequence");
      saw_recent = true;
      frame.has_key = false;
      return;
    }
    frame.value.members.emplace_back(std::move(frame.key), std::move(value));
    frame.key.clear();
    frame.has_key = false;
  }
}

Value parse_yaml(std::string_view text, const Limits& limits) {
  TreeBuilder builder(limits, TreeBuilder::Content::any);
  yaml::Bounds bounds;
  bounds.depth = limits.depth;
  bounds.bytes = limits.fallback_bytes;
  yaml::parse(text, yaml::HighEscapes::guess, bounds, builder);
  return std::move(builder.root);
}

}  // namespace recentd::codec
