#include "codec/dumper/dumper_write.hpp"

#include <algorithm>
#include <cstring>

#include "codec/top_level.hpp"

namespace recentd::codec {

namespace {

// What Data::Dumper leaves without quotes.
bool is_bare_number(std::string_view text) {
  if (text == "0") return true;
  const auto digits = text.substr(text.starts_with('-') ? 1 : 0);
  return !digits.empty() && digits.size() <= 9 && digits.front() != '0' &&
         std::ranges::all_of(digits, [](char c) { return c >= '0' && c <= '9'; });
}

void append_quoted(std::string& out, std::string_view text) {
  out.push_back('\'');
  for (const char c : text) {
    if (c == '\'' || c == '\\') out.push_back('\\');
    out.push_back(c);
  }
  out.push_back('\'');
}

void append_text(std::string& out, std::string_view text) {
  if (is_bare_number(text))
    out += text;
  else
    append_quoted(out, text);
}

void append_value(std::string& out, const Value& value);

void append_member(std::string& out, std::string_view key, const Value& value) {
  if (out.empty() || out.back() != '{') out.push_back(',');
  append_quoted(out, key);
  out += " => ";
  append_value(out, value);
}

void append_value(std::string& out, const Value& value) {
  if (value.is_null()) {
    out += "undef";
  } else if (value.type == Value::Type::scalar) {
    append_text(out, value.text);
  } else if (value.type == Value::Type::sequence) {
    out.push_back('[');
    for (std::size_t i = 0; i < value.items.size(); ++i) {
      if (i > 0) out.push_back(',');
      append_value(out, value.items[i]);
    }
    out.push_back(']');
  } else {
    out.push_back('{');
    for (const auto& [key, member] : sorted_members(value)) append_member(out, key, *member);
    out.push_back('}');
  }
}

class DumperWriter : public EventWriter {
 public:
  DumperWriter(Sink& sink, Part part, Frame frame)
      : sink_(sink), line_(std::move(frame.head)), tail_(std::move(frame.tail)), first_(part == Part::first) {
    flush();
  }

  void write(const EventRow& row, const EventDetails* details) override {
    if (!first_) line_.push_back(',');
    first_ = false;
    if (details != nullptr && !details->extras.empty()) {
      append_value(line_, event_value(row, details));
    } else {
      line_ += "{'epoch' => ";
      append_text(line_, row.epoch().text);
      line_ += ",'path' => ";
      append_text(line_, row.path());
      line_ += ",'type' => ";
      append_value(line_, type_value(row, details));
      line_.push_back('}');
    }
    flush();
  }

  void finish() override {
    line_ += tail_;
    flush();
  }

 private:
  void flush() {
    if (line_.empty()) return;
    std::memcpy(sink_.reserve(line_.size()), line_.data(), line_.size());
    sink_.advance(line_.size());
    line_.clear();
  }

  Sink& sink_;
  std::string line_, tail_;
  bool first_;
};

}  // namespace

Frame dumper_frame(const Meta& meta) {
  if (meta.protocol == 0) return {"[", "]"};
  const auto top = top_level_of(meta);
  Frame frame{"{", "]"};
  for (const auto& [key, value] : top) {
    if (key < "recent") append_member(frame.head, key, value);
  }
  frame.head += frame.head.back() == '{' ? "'recent' => [" : ",'recent' => [";
  for (const auto& [key, value] : top) {
    if (key > "recent") append_member(frame.tail, key, value);
  }
  frame.tail.push_back('}');
  return frame;
}

std::unique_ptr<EventWriter> open_dumper_writer(Sink& sink, Part part, Frame frame) {
  return std::make_unique<DumperWriter>(sink, part, std::move(frame));
}

}  // namespace recentd::codec
