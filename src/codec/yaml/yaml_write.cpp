#include "codec/yaml/yaml_write.hpp"

#include <algorithm>
#include <cstring>
#include <string_view>

#include "codec/meta_convert.hpp"
#include "codec/row_maker.hpp"
#include "codec/yaml/scalar_style.hpp"
#include "model/recorded.hpp"

namespace recentd::codec {

namespace {

void append_scalar(std::string& out, std::string_view text, ScalarStyle style) {
  const std::size_t start = out.size();
  out.resize(start + scalar_bound(text.size()));
  char* const end = put_scalar(out.data() + start, text, style);
  out.resize(static_cast<std::size_t>(end - out.data()));
}

void emit(Sink& sink, std::string_view text) {
  if (text.empty()) return;
  std::memcpy(sink.reserve(text.size()), text.data(), text.size());
  sink.advance(text.size());
}

// The pieces of one record between its values, at the two indentations that a list of events may have.
struct RecordSpelling {
  std::string_view head, path, type, indent;
};
constexpr RecordSpelling k_in_map = {"  - \n    epoch: ", "\n    path: ", "\n    type: ", "    "};
constexpr RecordSpelling k_bare = {"- \n  epoch: ", "\n  path: ", "\n  type: ", "  "};

constexpr std::size_t k_run_bytes = std::size_t{64} << 10;

class YamlWriter : public EventWriter {
 public:
  YamlWriter(Sink& sink, int protocol, Frame frame)
      : sink_(sink), spelling_(protocol == 0 ? k_bare : k_in_map), tail_(std::move(frame.tail)) {
    emit(sink_, frame.head);
  }

  void write(const EventRow& row, const EventDetails* details) override {
    if (is_verbatim(row)) return write_verbatim(row);
    write_run();
    if (details != nullptr && !details->extras.empty()) return write_with_extras(row, *details);
    if ((row.flags & EventRow::k_recorded) != 0) return write_with_extras(row, details_around(row));
    const std::size_t other = details != nullptr ? details->other_type.size() : 0;
    char* const start = sink_.reserve(128 + scalar_bound(row.epoch_bytes) + scalar_bound(row.path_bytes) +
                                      scalar_bound(other));
    char* out = put(start, spelling_.head);
    out = put_epoch(out, row);
    out = put(out, spelling_.path);
    out = put_path(out, row);
    out = put(out, spelling_.type);
    out = put_type(out, row, details);
    *out++ = '\n';
    sink_.advance(static_cast<std::size_t>(out - start));
  }

  void finish() override {
    write_run();
    emit(sink_, tail_);
  }

 private:
  // A number in quotes that is so long stays in quotes, and the flag says the same of all else.
  [[nodiscard]] bool is_verbatim(const EventRow& row) const {
    return (row.flags & EventRow::k_verbatim) != 0 && row.epoch_bytes > 9 && &spelling_ == &k_in_map;
  }

  // Records that follow each other in memory are copied as one.
  void write_verbatim(const EventRow& row) {
    const auto record = record_text(row);
    const char* const begin = record.data();
    const char* const end = begin + record.size();
    if (begin != run_end_ || static_cast<std::size_t>(end - run_begin_) > k_run_bytes) {
      write_run();
      run_begin_ = begin;
    }
    run_end_ = end;
  }

  void write_run() {
    emit(sink_, {run_begin_, static_cast<std::size_t>(run_end_ - run_begin_)});
    run_begin_ = run_end_ = nullptr;
  }

  static char* put(char* out, std::string_view text) {
    std::memcpy(out, text.data(), text.size());
    return out + text.size();
  }

  static char* put_epoch(char* out, const EventRow& row) {
    const std::string_view text(row.epoch_text, row.epoch_bytes);
    return put_scalar(out, text, style_of_number(text));
  }

  static char* put_path(char* out, const EventRow& row) {
    if ((row.flags & EventRow::k_plain) != 0 || is_plain_path(row.path())) return put(out, row.path());
    return put_scalar(out, row.path(), style_of_value(row.path()));
  }

  static char* put_type(char* out, const EventRow& row, const EventDetails* details) {
    if (row.type == EventType::new_) return put(out, "new");
    if (row.type == EventType::delete_) return put(out, "delete");
    if (details == nullptr || details->other_type.empty()) return put(out, "~");
    return put_scalar(out, details->other_type, style_of_value(details->other_type));
  }

  // The slow way for the few events that move more: all keys sorted.
  void write_with_extras(const EventRow& row, const EventDetails& details) {
    auto type =
        Value::scalar(std::string(row.type == EventType::other ? details.other_type : to_string(row.type)));
    if (type.text.empty()) type = Value();
    std::map<std::string, Value> keys;
    for (const auto& [key, text] : details.extras) keys.insert_or_assign(key, Value::scalar(text));
    keys.insert_or_assign("epoch", Value::scalar(std::string(row.epoch_text, row.epoch_bytes)));
    keys.insert_or_assign("path", Value::scalar(std::string(row.path())));
    keys.insert_or_assign("type", std::move(type));
    std::string record(spelling_.head.substr(0, spelling_.head.find('\n') + 1));
    for (const auto& [key, value] : keys) append_yaml_member(record, key, value, spelling_.indent.size());
    emit(sink_, record);
  }

  Sink& sink_;
  const RecordSpelling& spelling_;
  std::string tail_;
  const char* run_begin_ = nullptr;  // verbatim records that are not in the sink yet
  const char* run_end_ = nullptr;
};

}  // namespace

void append_yaml_value(std::string& out, const Value& value, std::size_t indent) {
  switch (value.type) {
    case Value::Type::null:
      out += " ~\n";
      return;
    case Value::Type::scalar:
      out += ' ';
      append_scalar(out, value.text, style_of_value(value.text));
      out += '\n';
      return;
    case Value::Type::sequence:
      if (value.items.empty()) {
        out += " []\n\n";
        return;
      }
      out += " \n";
      for (const auto& item : value.items) {
        out.append(indent, ' ').append("-");
        append_yaml_value(out, item, indent + 2);
      }
      return;
    case Value::Type::map:
      if (value.members.empty()) {
        out += " {}\n\n";
        return;
      }
      out += " \n";
      auto members = value.members;
      std::stable_sort(members.begin(), members.end(),
                       [](const auto& a, const auto& b) { return a.first < b.first; });
      for (const auto& [key, member] : members) append_yaml_member(out, key, member, indent);
      return;
  }
}

void append_yaml_member(std::string& out, const std::string& key, const Value& value, std::size_t indent) {
  out.append(indent, ' ');
  append_scalar(out, key, style_of_key(key));
  out += ':';
  append_yaml_value(out, value, indent + 2);
}

Frame yaml_frame(const Meta& meta, bool any_events) {
  if (meta.protocol == 0) return {any_events ? "--- \n" : "--- []\n\n", ""};
  Frame frame{"--- \n", ""};
  const auto add_keys = [&](std::string_view above, std::string_view below, std::string& out) {
    for (const auto& [key, value] : meta.top_level) {
      if (key > above && (below.empty() || key < below)) append_yaml_member(out, key, value, 0);
    }
  };
  // The empty key is the smallest.
  if (const auto found = meta.top_level.find(""); found != meta.top_level.end()) {
    append_yaml_member(frame.head, "", found->second, 0);
  }
  add_keys("", "meta", frame.head);
  append_yaml_member(frame.head, "meta", meta_to_value(meta), 0);
  add_keys("meta", "recent", frame.head);
  frame.head += any_events ? "recent: \n" : "recent: []\n\n";
  add_keys("recent", "", frame.tail);
  return frame;
}

std::unique_ptr<EventWriter> open_yaml_writer(Sink& sink, int protocol, Frame frame) {
  return std::make_unique<YamlWriter>(sink, protocol, std::move(frame));
}

std::string yaml_scalar(std::string_view bytes) {
  std::string out;
  append_scalar(out, bytes, style_of_value(bytes));
  return out;
}

std::string yaml_document(const Value& value) {
  std::string out = "---";
  append_yaml_value(out, value, 0);
  return out;
}

}  // namespace recentd::codec
