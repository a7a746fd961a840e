#include "codec/storable/storable_read.hpp"

#include "codec/perl_text.hpp"
#include "codec/storable/storable_image.hpp"
#include "codec/whole_reader.hpp"

namespace recentd::codec {

namespace {

using Node = StorableImage::Node;
using Kind = Node::Kind;

constexpr std::size_t k_node_bytes_least = 4;

bool is_map(const Node& node) {
  return node.kind == Kind::map || node.kind == Kind::flagged_map;
}

class StorableReader : public WholeReader {
 public:
  StorableReader(std::shared_ptr<const sys::Bytes> bytes, ReadOptions options)
      : WholeReader(Format::storable, std::move(bytes), std::move(options)), image_(text_) {
    if (!walk_all()) {
      // Some node is referred to twice: now it matters where each one is.
      records_ = true;
      walk_all();
    }
    const auto root = target(image_.root());
    if (root.kind == Kind::list) {
      take_list();
      events(root);
    } else if (is_map(root)) {
      top(root);
    } else {
      fail_at(image_.root(), "no index: neither a hash nor an array");
    }
    check_torn();
  }

 private:
  // Reads every node. False if there are references to known ones and their places were not recorded.
  bool walk_all() {
    refers_ = false;
    nodes_ = 0;
    const auto end = walk(image_.root(), 0);
    if (end != text_.size()) fail_at(end, "something behind the end of the data");
    return records_ || !refers_;
  }

  std::size_t walk(std::size_t at, std::size_t depth) {
    check_depth(at, depth);
    const auto node = image_.node(at);
    if (node.kind == Kind::known) {
      refers_ = true;
      return node.next;
    }
    // A node of an event has bytes of its own and a key; without that bound some bytes would keep us long.
    if (++nodes_ > 2 * options_.limits.values + at / k_node_bytes_least)
      fail_at(at, "more data than an index of this size has");
    if (records_) places_.push_back(at);
    auto next = node.next;
    if (node.kind == Kind::reference) return walk(next, depth + 1);
    if (node.kind == Kind::list) {
      for (std::uint32_t i = 0; i < node.count; ++i) next = walk(next, depth + 1);
    } else if (is_map(node)) {
      for (std::uint32_t i = 0; i < node.count; ++i) next = image_.key(walk(next, depth + 1), node.kind).next;
    }
    return next;
  }

  // References count, too.
  void check_depth(std::size_t at, std::size_t depth) const {
    if (depth > 2 * options_.limits.depth) fail_at(at, "data that is nested too deeply");
  }

  // What is behind all references.
  Node target(std::size_t at) {
    for (std::size_t hops = 0;; ++hops) {
      check_depth(at, hops);
      auto node = image_.node(at);
      if (node.kind == Kind::known) {
        if (node.count >= places_.size()) fail_at(at, "a reference to nothing");
        at = places_[node.count];
      } else if (node.kind == Kind::reference) {
        at = node.next;
      } else {
        return node;
      }
    }
  }

  // Behind the node, without looking at what it refers to.
  std::size_t behind(std::size_t at) {
    const bool records = std::exchange(records_, false);
    nodes_ = 0;
    const auto end = walk(at, 0);
    records_ = records;
    return end;
  }

  // Texts, numbers and undef; the text may have to be kept.
  std::optional<std::string_view> text_of(const Node& node) {
    if (node.kind == Kind::null) return std::nullopt;
    if (node.kind == Kind::number) return keep(node.number, node.next);
    return node.kind == Kind::characters ? characters(node.text, node.next) : node.text;
  }
  // A text that is too long anyway is not copied to see what it would be.
  std::string_view characters(std::string_view utf8, std::size_t at) {
    if (utf8.size() / 2 > text_bytes_max()) return utf8;
    const auto bytes = downgraded(utf8);
    return bytes ? keep(*bytes, at) : utf8;
  }
  StorableImage::Key key(std::size_t at, const Node& map) {
    auto key = image_.key(at, map.kind);
    if (key.characters) key.text = characters(key.text, at);
    return key;
  }

  Value value(std::size_t at, std::size_t depth) {
    check_depth(at, depth);
    const auto node = target(at);
    count_value(node.text.size(), at);
    if (node.kind == Kind::list) {
      std::vector<Value> items;
      auto next = node.next;
      for (std::uint32_t i = 0; i < node.count; ++i, next = behind(next))
        items.push_back(value(next, depth + 1));
      return Value::sequence(std::move(items));
    }
    if (is_map(node)) return map(node, depth);
    const auto text = text_of(node);
    if (!text) return {};
    auto scalar = Value::scalar(std::string(*text));
    scalar.number = node.kind == Kind::number;
    return scalar;
  }

  Value map(const Node& node, std::size_t depth) {
    std::vector<std::pair<std::string, Value>> members;
    auto next = node.next;
    for (std::uint32_t i = 0; i < node.count; ++i) {
      const auto at = next;
      const auto name = key(behind(at), node);
      if (!name.absent) {
        count_value(name.text.size(), at);
        members.emplace_back(name.text, value(at, depth + 1));
      }
      next = name.next;
    }
    return Value::map(std::move(members));
  }

  void top(const Node& root) {
    std::vector<std::pair<std::string, Value>> members;
    std::optional<std::size_t> recent;
    auto next = root.next;
    for (std::uint32_t i = 0; i < root.count; ++i) {
      const auto at = next;
      const auto name = key(behind(at), root);
      next = name.next;
      if (name.absent) continue;
      count_value(name.text.size(), at);
      if (name.text == "recent")
        recent = at;
      else
        members.emplace_back(name.text, value(at, 0));
    }
    take_top(std::move(members), root.next);
    if (!recent) fail_at(0, "recent is missing");
    const auto list = target(*recent);
    if (list.kind == Kind::null) return;
    if (list.kind != Kind::list) fail_at(*recent, "recent is no sequence");
    events(list);
  }

  void events(const Node& list) {
    auto next = list.next;
    for (std::uint32_t i = 0; i < list.count; ++i) {
      const auto at = next;
      const auto here = image_.node(at);
      const auto node = target(at);
      if (!is_map(node)) fail_at(at, "an event that is no map");
      const auto end = event(node);
      // Usually a reference with its map behind it, which has been read just now.
      const bool written_here = here.kind == Kind::reference && image_.node(here.next).next == node.next;
      if (!written_here) count_bytes(end - node.next, at);
      next = written_here ? end : behind(at);
    }
  }

  // Returns where it ends.
  std::size_t event(const Node& node) {
    enter(Part::event);
    begin_event();
    auto next = node.next;
    for (std::uint32_t i = 0; i < node.count; ++i) {
      const auto at = next;
      auto held = image_.node(at);
      const bool refers = held.kind == Kind::reference || held.kind == Kind::known;
      if (refers) held = target(at);
      const bool nested = held.kind == Kind::list || is_map(held);
      const auto name = key(refers || nested ? behind(at) : held.next, node);
      if (!name.absent) {
        if (nested)
          event_value(name.text, value(at, 1), at);
        else
          event_text(name.text, text_of(held), at);
      }
      next = name.next;
    }
    enter(Part::frame);
    end_event(node.next);
    return next;
  }

  StorableImage image_;
  bool records_ = false, refers_ = false;
  std::size_t nodes_ = 0;            // of the present walk
  std::vector<std::size_t> places_;  // of each node, by its number, if there are references to them
};

}  // namespace

std::unique_ptr<EventReader> open_storable_reader(std::shared_ptr<const sys::Bytes> bytes,
                                                  ReadOptions options) {
  return std::make_unique<StorableReader>(std::move(bytes), std::move(options));
}

}  // namespace recentd::codec
