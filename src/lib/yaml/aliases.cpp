#include "lib/yaml/aliases.hpp"

#include <recentd/error.hpp>

#include "base/text.hpp"

namespace recentd::yaml {

namespace {

[[noreturn]] void fail(std::size_t offset, const char* what) {
  throw Malformed(offset, what);
}

}  // namespace

void Expander::record(Recorded event) {
  logged_bytes_ += event.text.size() + sizeof event;
  if (logged_bytes_ > bounds_.alias_bytes * 4) fail(event.offset, "too much below an anchor");
  log_.push_back(std::move(event));
}

void Expander::scalar(const std::string& text, Spelling spelling, std::size_t offset, std::size_t anchor) {
  events_.scalar(text, spelling, offset);
  if (anchor == 0 && open_.empty()) return;
  record({Recorded::Type::scalar, spelling, offset, text});
  if (anchor != 0) nodes_[anchor] = {log_.size() - 1, log_.size()};
}

void Expander::begin(Recorded::Type type, std::size_t offset, std::size_t anchor) {
  Recorded event{type, Spelling::text, offset, {}};
  emit(event);
  ++depth_;
  if (anchor != 0) {
    open_.push_back({anchor, depth_});
    nodes_[anchor] = {log_.size(), 0};
  }
  if (!open_.empty()) record(std::move(event));
}

void Expander::end(Recorded::Type type) {
  Recorded event{type, Spelling::text, 0, {}};
  emit(event);
  if (!open_.empty()) record(std::move(event));
  if (!open_.empty() && open_.back().depth == depth_) {
    nodes_[open_.back().anchor].end = log_.size();
    open_.pop_back();
  }
  --depth_;
}

void Expander::alias(std::size_t anchor, std::size_t offset) {
  if (!open_.empty()) record({Recorded::Type::alias, Spelling::text, anchor, {}});
  replay(anchor, offset, 0);
}

void Expander::replay(std::size_t anchor, std::size_t offset, std::size_t depth) {
  const auto found = nodes_.find(anchor);
  if (found == nodes_.end() || found->second.end == 0) fail(offset, "an alias inside its own anchor");
  if (depth > bounds_.depth) fail(offset, "aliases nested too deeply");
  const Node node = found->second;
  for (std::size_t i = node.begin; i < node.end; ++i) {
    if (++replayed_events_ > bounds_.alias_events) fail(offset, "aliases stand for too much");
    replayed_bytes_ += log_[i].text.size();
    if (replayed_bytes_ > bounds_.alias_bytes) fail(offset, "aliases stand for too much");
    if (log_[i].type == Recorded::Type::alias) {
      replay(log_[i].offset, offset, depth + 1);
    } else {
      emit(log_[i]);
    }
  }
}

void Expander::emit(const Recorded& event) {
  switch (event.type) {
    case Recorded::Type::scalar:
      return events_.scalar(event.text, event.spelling, event.offset);
    case Recorded::Type::begin_map:
      return events_.begin_map(event.offset);
    case Recorded::Type::end_map:
      return events_.end_map();
    case Recorded::Type::begin_sequence:
      return events_.begin_sequence(event.offset);
    case Recorded::Type::end_sequence:
      return events_.end_sequence();
    case Recorded::Type::alias:
      break;
  }
}

}  // namespace recentd::yaml
