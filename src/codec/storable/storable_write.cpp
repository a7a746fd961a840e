#include "codec/storable/storable_write.hpp"

#include <charconv>
#include <cstring>
#include <map>

#include "codec/meta_convert.hpp"
#include "codec/storable/storable_image.hpp"
#include "codec/top_level.hpp"

namespace recentd::codec {

namespace {

using namespace storable;

constexpr std::size_t k_chunk_bytes = std::size_t{1} << 20;

void append_length(std::string& out, std::size_t length) {
  const auto value = static_cast<std::uint32_t>(length);
  for (int shift = 24; shift >= 0; shift -= 8) out.push_back(static_cast<char>(value >> shift & 0xFF));
}

void append_code(std::string& out, std::uint8_t code) {
  out.push_back(static_cast<char>(code));
}

void append_text(std::string& out, std::string_view text) {
  if (text.size() < 256) {
    append_code(out, k_text);
    append_code(out, static_cast<std::uint8_t>(text.size()));
  } else {
    append_code(out, k_long_text);
    append_length(out, text.size());
  }
  out += text;
}

void append_key(std::string& out, std::string_view key) {
  append_length(out, key.size());
  out += key;
}

// False if the digits are not a number of 32 bits in its only spelling.
bool append_number(std::string& out, const std::string& digits) {
  std::int32_t value = 0;
  const auto end = digits.data() + digits.size();
  const auto parsed = std::from_chars(digits.data(), end, value);
  if (parsed.ec != std::errc() || parsed.ptr != end || std::to_string(value) != digits) return false;
  if (value >= -128 && value <= 127) {
    append_code(out, k_byte);
    append_code(out, static_cast<std::uint8_t>(value + 128));
  } else {
    append_code(out, k_net_integer);
    append_length(out, static_cast<std::uint32_t>(value));
  }
  return true;
}

// What a list or a map holds stands behind a reference to it.
void append_value(std::string& out, const Value& value) {
  if (value.is_null()) {
    append_code(out, k_undef);
  } else if (value.type == Value::Type::scalar) {
    if (!value.number || !append_number(out, value.text)) append_text(out, value.text);
  } else if (value.type == Value::Type::sequence) {
    append_code(out, k_reference);
    append_code(out, k_list);
    append_length(out, value.items.size());
    for (const auto& item : value.items) append_value(out, item);
  } else {
    append_code(out, k_reference);
    append_code(out, k_map);
    const auto members = sorted_members(value);
    append_length(out, members.size());
    for (const auto& [key, member] : members) {
      append_value(out, *member);
      append_key(out, key);
    }
  }
}

void append_event(std::string& out, const EventRow& row, const EventDetails* details) {
  if (details != nullptr && !details->extras.empty()) return append_value(out, event_value(row, details));
  append_code(out, k_reference);
  append_code(out, k_map);
  append_length(out, 3);
  append_text(out, row.epoch().text);
  append_key(out, "epoch");
  append_text(out, row.path());
  append_key(out, "path");
  append_value(out, type_value(row, details));
  append_key(out, "type");
}

void put(Sink& sink, std::string_view bytes) {
  if (bytes.empty()) return;
  std::memcpy(sink.reserve(bytes.size()), bytes.data(), bytes.size());
  sink.advance(bytes.size());
}

class StorablePartWriter : public EventWriter {
 public:
  explicit StorablePartWriter(Sink& sink) : sink_(sink) {}

  void write(const EventRow& row, const EventDetails* details) override {
    event_.clear();
    append_event(event_, row, details);
    put(sink_, event_);
  }
  void finish() override {}

 private:
  Sink& sink_;
  std::string event_;
};

// Collects the events, for how many there are stands before them.
class StorableWriter : public EventWriter {
 public:
  StorableWriter(Sink& sink, const Meta& meta) : sink_(sink), meta_(meta) {}

  void write(const EventRow& row, const EventDetails* details) override {
    ++count_;
    if (chunks_.empty() || chunks_.back().size() > k_chunk_bytes) chunks_.emplace_back();
    append_event(chunks_.back(), row, details);
  }

  void finish() override {
    const Frame frame = storable_frame(meta_, count_);
    put(sink_, frame.head);
    for (const auto& chunk : chunks_) put(sink_, chunk);
    put(sink_, frame.tail);
  }

 private:
  Sink& sink_;
  Meta meta_;
  std::size_t count_ = 0;
  std::vector<std::string> chunks_;
};

}  // namespace

Frame storable_frame(const Meta& meta, std::size_t events) {
  Frame frame{std::string(k_network_head), ""};
  if (meta.protocol != 0) {
    const auto top = top_level_of(meta);
    append_code(frame.head, k_map);
    append_length(frame.head, top.size() + 1);
    append_key(frame.tail, "recent");
    for (const auto& [key, value] : top) {
      auto& out = key < "recent" ? frame.head : frame.tail;
      append_value(out, value);
      append_key(out, key);
    }
    append_code(frame.head, k_reference);
  }
  append_code(frame.head, k_list);
  append_length(frame.head, events);
  return frame;
}

std::unique_ptr<EventWriter> open_storable_writer(Sink& sink, const Meta& meta) {
  return std::make_unique<StorableWriter>(sink, meta);
}

std::unique_ptr<EventWriter> open_storable_part_writer(Sink& sink) {
  return std::make_unique<StorablePartWriter>(sink);
}

}  // namespace recentd::codec
