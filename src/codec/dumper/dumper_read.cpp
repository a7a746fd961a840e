#include "codec/dumper/dumper_read.hpp"

#include <algorithm>

#include "codec/dumper/dumper_text.hpp"
#include "codec/whole_reader.hpp"

namespace recentd::codec {

namespace {

class DumperReader : public WholeReader {
 public:
  DumperReader(std::shared_ptr<const sys::Bytes> bytes, ReadOptions options)
      : WholeReader(Format::dumper, std::move(bytes), std::move(options)),
        words_(text_, text_bytes_max(), [this](auto part) { bytes_->let_go(part); }) {
    words_.set_bound(options_.limits.frame_bytes, options_.limits.frame_bytes);
    words_.take_assignment();
    const auto ends = words_.open_wrappings();
    if (words_.peek() == '[') {
      take_list();
      events();
    } else if (words_.peek() == '{') {
      top();
    } else {
      words_.fail("no index: neither a hash nor an array");
    }
    words_.close_wrappings(ends);
    words_.need_end();
    check_torn();
  }

 private:
  // Calls `item` for each one up to the closing mark; a comma may stand behind the last.
  template <class Item>
  void list(char open, char close, Item item) {
    words_.need(open);
    while (!words_.take(close)) {
      item();
      if (words_.take(',')) continue;
      words_.need(close);
      return;
    }
  }

  void top() {
    std::vector<std::pair<std::string, Value>> members;
    bool saw_recent = false;
    list('{', '}', [&] {
      const auto key = words_.key();
      if (key.text() == "recent") {
        if (std::exchange(saw_recent, true)) words_.fail("recent twice");
        const auto ends = words_.open_wrappings();
        if (words_.peek() == '[')
          events();
        else if (words_.peek() != 'u' || !words_.scalar().undefined)
          words_.fail("recent is no sequence");
        words_.close_wrappings(ends);
      } else {
        count_value(key.text().size(), words_.at());
        members.emplace_back(key.text(), value(0));
      }
    });
    if (!saw_recent) fail_at(0, "recent is missing");
    take_top(std::move(members), 0);
  }

  // As long as they like; the frame goes on behind them.
  void events() {
    const auto& limit = options_.limits.frame_bytes;
    const auto left = limit - std::min(limit, words_.at());
    words_.lift_bound();
    enter(Part::event);
    all_events();
    enter(Part::frame);
    words_.set_bound(words_.at() + left, limit);
  }

  void all_events() {
    list('[', ']', [this] {
      const auto ends = words_.open_wrappings();
      if (words_.peek() != '{') words_.fail("an event that is no map");
      event();
      words_.close_wrappings(ends);
    });
  }

  void event() {
    const auto offset = words_.at();
    begin_event();
    list('{', '}', [this] {
      const auto key = words_.key();
      const auto at = words_.at();
      const auto ends = words_.open_wrappings();
      if (words_.peek() == '{' || words_.peek() == '[') {
        event_value(key.text(), value(1), at);
      } else {
        const auto scalar = words_.scalar();
        event_text(key.text(), kept(scalar), at);
      }
      words_.close_wrappings(ends);
    });
    end_event(offset);
  }

  // A text that lives as long as the rows do.
  std::optional<std::string_view> kept(const DumperText::Scalar& scalar) {
    if (scalar.undefined) return std::nullopt;
    return scalar.decoded ? keep(*scalar.decoded, words_.at()) : scalar.raw;
  }

  Value value(std::size_t depth) {
    if (depth > options_.limits.depth) words_.fail("data that is nested too deeply");
    const auto ends = words_.open_wrappings();
    Value result;
    if (words_.peek() == '[' || words_.peek() == '{') count_value(0, words_.at());
    if (words_.peek() == '[') {
      result.type = Value::Type::sequence;
      list('[', ']', [&] { result.items.push_back(value(depth + 1)); });
    } else if (words_.peek() == '{') {
      result.type = Value::Type::map;
      list('{', '}', [&] {
        const auto key = words_.key();
        count_value(key.text().size(), words_.at());
        result.members.emplace_back(key.text(), value(depth + 1));
      });
    } else {
      const auto scalar = words_.scalar();
      count_value(scalar.text().size(), words_.at());
      if (!scalar.undefined) result = Value::scalar(std::string(scalar.text()));
      result.number = scalar.number;
    }
    words_.close_wrappings(ends);
    return result;
  }

  DumperText words_;
};

}  // namespace

std::unique_ptr<EventReader> open_dumper_reader(std::shared_ptr<const sys::Bytes> bytes,
                                                ReadOptions options) {
  return std::make_unique<DumperReader>(std::move(bytes), std::move(options));
}

}  // namespace recentd::codec
