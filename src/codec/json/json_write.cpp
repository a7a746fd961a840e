#include "codec/json/json_write.hpp"

#include <algorithm>
#include <cstring>
#include <map>

#include "base/text.hpp"
#include "codec/meta_convert.hpp"
#include "lib/json/parser.hpp"
#include "lib/yaml/scalar.hpp"

namespace recentd::codec {

namespace {

constexpr std::string_view k_hex = "0123456789abcdef";

bool is_simple(unsigned char c) {
  return c >= 0x20 && c < 0x7F && c != '"' && c != '\\';
}

std::size_t simple_prefix(std::string_view text) {
  std::size_t i = 0;
  while (i < text.size() && is_simple(static_cast<unsigned char>(text[i]))) ++i;
  return i;
}

void append_unit(std::string& out, unsigned unit) {
  out += "\\u";
  for (int shift = 12; shift >= 0; shift -= 4) out.push_back(k_hex[unit >> shift & 15]);
}

void append_ascii(std::string& out, unsigned char c) {
  switch (c) {
    case '"':
      out += "\\\"";
      break;
    case '\\':
      out += "\\\\";
      break;
    case '\b':
      out += "\\b";
      break;
    case '\f':
      out += "\\f";
      break;
    case '\n':
      out += "\\n";
      break;
    case '\r':
      out += "\\r";
      break;
    case '\t':
      out += "\\t";
      break;
    default:
      if (c < 0x20 || c == 0x7F) {
        append_unit(out, c);
      } else {
        out.push_back(static_cast<char>(c));
      }
  }
}

std::size_t character_bytes(std::string_view text) {
  for (std::size_t size = 2; size <= 4 && size <= text.size(); ++size) {
    if (is_utf8(text.substr(0, size))) return size;
  }
  return 0;
}

void append_rest(std::string& out, std::string_view text, JsonPaths paths) {
  for (std::size_t at = 0; at < text.size(); ++at) {
    const auto c = static_cast<unsigned char>(text[at]);
    if (c < 0x80) {
      append_ascii(out, c);
    } else if (paths == JsonPaths::bytes) {
      yaml::append_utf8(out, c);
    } else if (const auto size = character_bytes(text.substr(at))) {
      out += text.substr(at, size);
      at += size - 1;
    } else {
      append_unit(out, 0xDC00U | c);  // as Python's surrogateescape: a lone surrogate stands for a byte
    }
  }
}

void append_string(std::string& out, std::string_view text, JsonPaths paths) {
  out.push_back('"');
  const auto simple = simple_prefix(text);
  out += text.substr(0, simple);
  if (simple < text.size()) append_rest(out, text.substr(simple), paths);
  out.push_back('"');
}

void append_value(std::string& out, const Value& value, JsonPaths paths);

void append_member(std::string& out, std::string_view key, const Value& value, JsonPaths paths) {
  if (out.back() != '{') out.push_back(',');
  append_string(out, key, paths);
  out.push_back(':');
  append_value(out, value, paths);
}

void append_value(std::string& out, const Value& value, JsonPaths paths) {
  if (value.is_null()) {
    out += "null";
  } else if (value.type == Value::Type::scalar) {
    if (value.number && json::is_number(value.text)) {
      out += value.text;
    } else {
      append_string(out, value.text, paths);
    }
  } else if (value.type == Value::Type::sequence) {
    out.push_back('[');
    for (const auto& item : value.items) {
      if (out.back() != '[') out.push_back(',');
      append_value(out, item, paths);
    }
    out.push_back(']');
  } else {
    auto members = value.members;
    std::stable_sort(members.begin(), members.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
    out.push_back('{');
    for (const auto& [key, member] : members) append_member(out, key, member, paths);
    out.push_back('}');
  }
}

class JsonWriter : public EventWriter {
 public:
  JsonWriter(Sink& sink, JsonPaths paths, Part part, Frame frame)
      : sink_(sink),
        paths_(paths),
        line_(std::move(frame.head)),
        tail_(std::move(frame.tail)),
        first_(part == Part::first) {
    flush();
  }

  void write(const EventRow& row, const EventDetails* details) override {
    if (!first_) line_.push_back(',');
    first_ = false;
    if (details != nullptr && !details->extras.empty()) {
      write_with_extras(row, *details);
    } else {
      line_ += "{\"epoch\":\"";
      line_.append(row.epoch_text, row.epoch_bytes);  // a number: nothing to escape
      line_ += "\",\"path\":";
      append_string(line_, row.path(), paths_);
      line_ += ",\"type\":";
      append_value(line_, type_of(row, details), paths_);
      line_.push_back('}');
    }
    flush();
  }

  void finish() override {
    line_ += tail_;
    flush();
  }

 private:
  static Value type_of(const EventRow& row, const EventDetails* details) {
    if (row.type != EventType::other) return Value::scalar(std::string(to_string(row.type)));
    if (details == nullptr || details->other_type.empty()) return {};
    return Value::scalar(details->other_type);
  }

  void write_with_extras(const EventRow& row, const EventDetails& details) {
    std::map<std::string, Value> keys;
    for (const auto& [key, text] : details.extras) keys.insert_or_assign(key, Value::scalar(text));
    keys.insert_or_assign("epoch", Value::scalar(std::string(row.epoch_text, row.epoch_bytes)));
    keys.insert_or_assign("path", Value::scalar(std::string(row.path())));
    keys.insert_or_assign("type", type_of(row, &details));
    append_value(line_, Value::map({keys.begin(), keys.end()}), paths_);
  }

  void flush() {
    if (line_.empty()) return;
    std::memcpy(sink_.reserve(line_.size()), line_.data(), line_.size());
    sink_.advance(line_.size());
    line_.clear();
  }

  Sink& sink_;
  JsonPaths paths_;
  std::string line_, tail_;
  bool first_;
};

// What peers read as a number, and not as text that is an exact one.
void make_number(Value& map, std::string_view key) {
  for (auto& [name, value] : map.members)
    if (name == key && value.type == Value::Type::scalar) value.number = true;
}

Value json_meta(const Meta& meta, JsonPaths paths) {
  auto map = meta_to_value(meta);
  map.members.emplace_back("Paths", Value::scalar(paths == JsonPaths::bytes ? "bytes" : "utf8"));
  for (auto& [name, value] : map.members) {
    if (name == "Producers") make_number(value, "time");
    if (name == "minmax") make_number(value, "mtime");
  }
  return map;
}

}  // namespace

// Top-level keys sorted.
Frame json_frame(const Meta& meta, const WriteOptions& options) {
  if (meta.protocol == 0) return {"[", "]\n"};
  const JsonPaths paths = options.json_paths.value_or(JsonPaths::bytes);
  auto top = meta.top_level;
  top.insert_or_assign("meta", json_meta(meta, paths));
  top.erase("recent");
  Frame frame{"{", "]"};
  for (const auto& [key, value] : top) {
    if (key < "recent") append_member(frame.head, key, value, paths);
  }
  frame.head += frame.head.back() == '{' ? "\"recent\":[" : ",\"recent\":[";
  for (const auto& [key, value] : top) {
    if (key > "recent") append_member(frame.tail, key, value, paths);
  }
  frame.tail += "}\n";
  return frame;
}

std::unique_ptr<EventWriter> open_json_writer(Sink& sink, int protocol, Part part,
                                              const WriteOptions& options, Frame frame) {
  // Without a meta part there is nothing that could say otherwise.
  const JsonPaths paths = protocol == 0 ? JsonPaths::bytes : options.json_paths.value_or(JsonPaths::bytes);
  return std::make_unique<JsonWriter>(sink, paths, part, std::move(frame));
}

std::string encode_json_value(const Value& value) {
  std::string out;
  append_value(out, value, JsonPaths::utf8);
  return out;
}

}  // namespace recentd::codec
