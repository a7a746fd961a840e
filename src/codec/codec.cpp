#include "codec/codec.hpp"

#include <algorithm>
#include <cstring>

#include <recentd/error.hpp>

#include "base/text.hpp"
#include "codec/dumper/dumper_read.hpp"
#include "codec/dumper/dumper_write.hpp"
#include "codec/json/json_read.hpp"
#include "codec/json/json_write.hpp"
#include "codec/storable/storable_image.hpp"
#include "codec/storable/storable_read.hpp"
#include "codec/storable/storable_write.hpp"
#include "codec/top_level.hpp"
#include "codec/yaml/yaml_read.hpp"
#include "codec/yaml/yaml_write.hpp"
#include "model/recorded.hpp"

namespace recentd::codec {

namespace {

// What an encoded index has beside its paths and epochs: once, and for each event.
constexpr std::size_t k_head_bytes = 4096, k_record_bytes = 56;
constexpr std::size_t k_sniffed_bytes = std::size_t{64} << 10;

struct FrameSize {
  std::size_t values = 0, longest = 0;

  void add_text(const std::string& text) { longest = std::max(longest, text.size()); }
  void add(const Value& value) {
    ++values;
    add_text(value.text);
    for (const auto& item : value.items) add(item);
    for (const auto& [key, member] : value.members) {
      add_text(key);
      add(member);
    }
  }
};

// Nobody would read it again.
void check_frame(const Meta& meta, std::size_t spelled_bytes) {
  const Limits limits;
  FrameSize size;
  for (const auto& [key, value] : top_level_of(meta)) {
    size.add_text(key);
    size.add(value);
  }
  if (size.values > limits.values || size.longest > limits.scalar_bytes || spelled_bytes > limits.frame_bytes)
    throw Error(Kind::usage, cat("the meta part is too large to be written: ", spelled_bytes, " bytes, ",
                                 size.values, " values, the longest of ", size.longest, " bytes"));
}

}  // namespace

std::optional<Format> format_of_suffix(std::string_view suffix) noexcept {
  for (const auto format : {Format::yaml, Format::json, Format::storable, Format::dumper}) {
    if (suffix == suffix_of(format)) return format;
  }
  return std::nullopt;
}

std::string_view suffix_of(Format format) noexcept {
  switch (format) {
    case Format::json:
      return ".json";
    case Format::storable:
      return ".sto";
    case Format::dumper:
      return ".dd";
    default:
      return ".yaml";
  }
}

bool is_common(Format format) noexcept {
  return format == Format::yaml || format == Format::json;
}

Format sniff(std::string_view bytes) noexcept {
  if (is_storable(bytes)) return Format::storable;
  bytes = bytes.substr(0, k_sniffed_bytes);
  constexpr std::string_view k_blanks = " \t\r\n";
  const auto first = bytes.find_first_not_of(k_blanks);
  if (first == std::string_view::npos) return Format::yaml;
  if (bytes[first] == '$') return Format::dumper;
  if (bytes[first] != '{' && bytes[first] != '[') return Format::yaml;
  const auto second = bytes.find_first_of("'\"", first);
  return second != std::string_view::npos && bytes[second] == '\'' ? Format::dumper : Format::json;
}

std::unique_ptr<EventReader> open_reader(Format format, std::shared_ptr<const sys::Bytes> bytes,
                                         ReadOptions options) {
  switch (format) {
    case Format::json:
      return open_json_reader(std::move(bytes), std::move(options));
    case Format::storable:
      return open_storable_reader(std::move(bytes), std::move(options));
    case Format::dumper:
      return open_dumper_reader(std::move(bytes), std::move(options));
    default:
      return open_yaml_reader(std::move(bytes), std::move(options));
  }
}

Index decode(Format format, std::shared_ptr<const sys::Bytes> bytes, const ReadOptions& options) {
  // A short record: room that is not filled costs address space only, too little costs copies.
  constexpr std::size_t k_record_bytes = 64, k_rows_at_once = 1024;
  const auto size = bytes->view().size();
  const auto reader = open_reader(format, std::move(bytes), options);
  Index index;
  auto& rows = index.events.rows;
  rows.reserve(size / k_record_bytes);
  std::vector<EventRow> buffer(k_rows_at_once);
  while (const auto count = reader->read(buffer)) {
    rows.insert(rows.end(), buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(count));
  }
  index.meta = reader->meta();
  index.events.adopt(reader->storage());
  return index;
}

namespace {

// Hands recorded keys to a writer that does not look for them around a row's path.
class WithDetails : public EventWriter {
 public:
  explicit WithDetails(std::unique_ptr<EventWriter> writer) : writer_(std::move(writer)) {}
  void write(const EventRow& row, const EventDetails* details) override {
    if ((row.flags & EventRow::k_recorded) == 0) return writer_->write(row, details);
    const auto around = details_around(row);
    writer_->write(row, &around);
  }
  void finish() override { writer_->finish(); }

 private:
  std::unique_ptr<EventWriter> writer_;
};

// Storable, whose head tells how many events there are, is no text.
std::unique_ptr<EventWriter> open_text_writer(Format format, Sink& sink, int protocol, Part part,
                                              const WriteOptions& options, Frame frame) {
  if (format == Format::yaml) return open_yaml_writer(sink, protocol, std::move(frame));
  auto writer = format == Format::json ? open_json_writer(sink, protocol, part, options, std::move(frame))
                                       : open_dumper_writer(sink, part, std::move(frame));
  return std::make_unique<WithDetails>(std::move(writer));
}

}  // namespace

WriteOptions settled(const WriteOptions& options, const Meta& meta) {
  if (options.json_paths) return options;
  return {meta.json_paths == "utf8" ? JsonPaths::utf8 : JsonPaths::bytes};
}

std::unique_ptr<EventWriter> open_writer(Format format, Sink& sink, const Meta& meta, bool any_events,
                                         const WriteOptions& given) {
  const WriteOptions options = settled(given, meta);
  if (format == Format::storable) {
    (void)frame_of(format, meta, 0, options);
    return std::make_unique<WithDetails>(open_storable_writer(sink, meta));
  }
  return open_text_writer(format, sink, meta.protocol, Part::first, options,
                          frame_of(format, meta, any_events ? 1 : 0, options));
}

namespace {

Frame spelled_frame(Format format, const Meta& meta, std::size_t events, const WriteOptions& options) {
  switch (format) {
    case Format::json:
      return json_frame(meta, options);
    case Format::storable:
      return storable_frame(meta, events);
    case Format::dumper:
      return dumper_frame(meta);
    default:
      return yaml_frame(meta, events > 0);
  }
}

}  // namespace

Frame frame_of(Format format, const Meta& meta, std::size_t events, const WriteOptions& options) {
  auto frame = spelled_frame(format, meta, events, settled(options, meta));
  check_frame(meta, frame.head.size() + frame.tail.size());
  return frame;
}

std::unique_ptr<EventWriter> open_part_writer(Format format, Sink& sink, int protocol, Part part,
                                              const WriteOptions& options) {
  if (format == Format::storable) return std::make_unique<WithDetails>(open_storable_part_writer(sink));
  return open_text_writer(format, sink, protocol, part, options, {});
}

std::string encode(Format format, const Meta& meta, const EventList& events, const WriteOptions& options) {
  std::size_t expected = k_head_bytes;
  for (const auto& row : events.rows) expected += k_record_bytes + row.path_bytes + row.epoch_bytes;
  StringSink sink(expected);
  const auto writer = open_writer(format, sink, meta, !events.rows.empty(), options);
  for (const auto& row : events.rows) writer->write(row, events.details(row));
  writer->finish();
  return sink.take();
}

// Not a string's own memory: that would be zeroed before it is filled.
StringSink::StringSink(std::size_t expected) : buffer_(new char[expected]), size_(expected) {}

char* StringSink::reserve(std::size_t n) {
  if (size_ - used_ < n) {
    size_ = std::max(size_ * 2, used_ + n);
    std::unique_ptr<char[]> larger(new char[size_]);
    if (used_ > 0) std::memcpy(larger.get(), buffer_.get(), used_);
    buffer_ = std::move(larger);
  }
  return buffer_.get() + used_;
}

void StringSink::advance(std::size_t filled) {
  used_ += filled;
}

std::string StringSink::take() {
  std::string bytes(buffer_.get(), used_);
  used_ = 0;
  return bytes;
}

}  // namespace recentd::codec
