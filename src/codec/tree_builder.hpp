#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "codec/codec.hpp"
#include "lib/yaml/parser.hpp"
#include "model/value.hpp"

namespace recentd::codec {

// Builds a tree of text from the general parser's events, within limits. An index's events are not collected
// but handed to event(), one by one. Not for use from two threads at once.
class TreeBuilder : public yaml::Events {
 public:
  enum class Content { any, index };
  TreeBuilder(const Limits& limits, Content content) : limits_(limits), content_(content) {}

  // The finished tree; without the events, if it is an index.
  Value root;
  bool saw_root = false;
  // Index only: a bare list, or a map with a sequence `recent`.
  bool is_list = false;
  bool saw_recent = false;
  std::size_t meta_offset = 0;

  void scalar(std::string_view text, yaml::Spelling spelling, std::size_t offset) override;
  void begin_map(std::size_t offset) override;
  void end_map() override { close(); }
  void begin_sequence(std::size_t offset) override;
  void end_sequence() override { close(); }

 protected:
  // An item of the list of events: a null keeps its spelling in `text`.
  virtual void event(Value&& item, std::size_t offset) {
    (void)item;
    (void)offset;
  }

 private:
  struct Frame {
    Value value;
    std::string key;
    bool has_key = false;
    bool events = false;
    std::size_t offset = 0;
  };
  void count_bytes(std::size_t bytes, std::size_t offset);
  void open(Value::Type type, std::size_t offset, bool events);
  void close();
  void add(Value value, std::size_t offset);
  [[nodiscard]] bool at_recent() const;

  const Limits& limits_;
  Content content_;
  std::vector<Frame> frames_;
  std::size_t values_ = 0, frame_bytes_ = 0;
  bool in_events_ = false;
};

}  // namespace recentd::codec
