#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <recentd/json_paths.hpp>

#include "model/event_list.hpp"
#include "model/meta.hpp"
#include "sys/file/bytes.hpp"

namespace recentd::codec {

// Bytes <-> the content of an index file. Knows no files and no names.

// storable: the image that Perl's Storable makes; dumper: the text that Data::Dumper makes.
enum class Format { yaml, json, storable, dumper };

// ".yaml", ".json", ".sto" and ".dd"; nothing for other suffixes.
std::optional<Format> format_of_suffix(std::string_view suffix) noexcept;
std::string_view suffix_of(Format format) noexcept;
// False for the two that Perl alone understands: from a remote they are read only if the operator says so.
bool is_common(Format format) noexcept;
// For files without a telling name: `{` or `[` first means JSON, unless single quotes or `$` tell of Perl;
// Storable has a head of its own; anything else is YAML. Looks at the first 64 KiB.
Format sniff(std::string_view bytes) noexcept;

// Bounds for what comes from outside.
struct Limits {
  std::size_t depth = 64;  // nesting
  // All that stands beside the events: the meta part, other keys, blanks and comments. More is corrupt.
  std::size_t frame_bytes = std::size_t{1} << 20;
  std::size_t scalar_bytes = std::size_t{64} << 10;  // one key or text of that
  std::size_t values = 10000;  // values beside the events, and in one event's extra keys
  // Of an event; one that has more is skipped.
  std::size_t path_bytes = 65536;
  std::size_t epoch_bytes = 65535;
  std::size_t type_bytes = 1024;
  std::size_t extra_bytes = std::size_t{64} << 10;  // its other keys with their texts
  std::size_t event_bytes = std::size_t{1} << 20;   // of it in the file
  // Largest YAML that the general parser (yaml-cpp) is given; what is larger must be in block style.
  std::size_t fallback_bytes = std::size_t{64} << 20;
};

// Reads an index newest first, without loading it: the meta part, then events in file order.
// Events whose epoch is no number, or that go beyond the limits, are handed to `on_skipped`; without it they
// make the file corrupt. What is beyond a limit is never held in memory, but for one piece of a mapped file.
// A syntax error, a missing or newer protocol, a `recent` that is no sequence, a cut file: Error{corrupt}
// whose message names the byte; the caller adds the file's name.
class EventReader {
 public:
  virtual ~EventReader() = default;
  // Keys of the file's top level that stand behind `recent` are in top_level at once if they are within the
  // last 64 KiB, else when read() has returned 0.
  [[nodiscard]] virtual const Meta& meta() const noexcept = 0;
  // The next events in file order, at most out.size(); 0 at the end. Their texts live as long as this reader
  // and `storage()`; details of rows are found in storage().
  virtual std::size_t read(std::span<EventRow> out) = 0;
  // Owns the texts of all rows handed out. Adopt it to keep rows beyond the reader.
  [[nodiscard]] virtual const EventList& storage() const noexcept = 0;
};

// Of an event that was skipped; the texts are cut.
struct Skipped {
  std::string epoch;
  std::string path;
  std::string why;
};

// `why` of an epoch that is no number.
inline constexpr std::string_view k_no_number = "an epoch that is no number";

struct ReadOptions {
  Limits limits;
  std::function<void(const Skipped&)> on_skipped;  // empty: an event that would be skipped is an error
};

// Opens a reader. Canonical YAML and its block-style relatives are scanned in place; other YAML goes through
// yaml-cpp, JSON through simdjson, with the same result. Perl's formats are decoded here, within limits, and
// nothing in them is ever evaluated; they are parsed as a whole when the reader is made.
std::unique_ptr<EventReader> open_reader(Format format, std::shared_ptr<const sys::Bytes> bytes,
                                         ReadOptions options = {});

// A whole index in memory: meta and events in file order (40 bytes an event beside the bytes).
struct Index {
  Meta meta;
  EventList events;
};
Index decode(Format format, std::shared_ptr<const sys::Bytes> bytes, const ReadOptions& options = {});

// Where a writer puts its bytes.
class Sink {
 public:
  virtual ~Sink() = default;
  // Room for n bytes; the writer fills some of it and says how many.
  virtual char* reserve(std::size_t n) = 0;
  virtual void advance(std::size_t filled) = 0;
};

// A sink that collects a string.
class StringSink : public Sink {
 public:
  // With room for about so many bytes at first.
  explicit StringSink(std::size_t expected = 0);
  char* reserve(std::size_t n) override;
  void advance(std::size_t filled) override;
  [[nodiscard]] std::string take();
  // What was collected so far; valid until more is.
  [[nodiscard]] std::string_view view() const noexcept { return {buffer_.get(), used_}; }
  // Forgets them and keeps the room.
  void clear() noexcept { used_ = 0; }

 private:
  std::unique_ptr<char[]> buffer_;
  std::size_t size_, used_ = 0;
};

struct WriteOptions {
  // Noted in the meta key `Paths`, which a reader obeys. Nothing: as the key says already, else bytes.
  // Protocol 0 has no meta and is always bytes.
  std::optional<JsonPaths> json_paths = {};
};
// The options with nothing left open, for an index with this meta part.
WriteOptions settled(const WriteOptions& options, const Meta& meta);

// Writes an index as a stream: meta first, then rows newest first, then finish(). Error{usage} for a meta
// part that is so large that no reader would take it. YAML comes out byte for byte as YAML::Syck writes it,
// but for what is named in recentd-perl(7), Odd bytes are escaped in YAML; protocol 0 is the bare list. Bytes
// that are no UTF-8 come back only if the producers have the key `recentd` (or name the Perl module), as
// every writer sets it. An event's extra key is text: a nested value was turned to JSON text when it was
// read, a null to `~`. Storable is kept in memory until finish(), as its head tells how many events there
// are.
class EventWriter {
 public:
  virtual ~EventWriter() = default;
  // `details` belongs to the row if it has k_details, else nullptr. The row's texts must live until finish().
  virtual void write(const EventRow& row, const EventDetails* details) = 0;
  virtual void finish() = 0;
};
// `any_events`: false for an empty `recent` (YAML spells that differently and starts it before the first
// row).
std::unique_ptr<EventWriter> open_writer(Format format, Sink& sink, const Meta& meta, bool any_events,
                                         const WriteOptions& options = {});

// What stands in an index before its events and behind them.
struct Frame {
  std::string head, tail;
};
// That of an index with so many events.
Frame frame_of(Format format, const Meta& meta, std::size_t events, const WriteOptions& options = {});
// Writes events as they stand within such a frame, so that those that several indexes share are encoded once.
// What writers for consecutive parts of a list make, one behind the other, is what one would have made.
enum class Part { first, later };
std::unique_ptr<EventWriter> open_part_writer(Format format, Sink& sink, int protocol, Part part,
                                              const WriteOptions& options = {});

// All at once, in memory.
std::string encode(Format format, const Meta& meta, const EventList& events,
                   const WriteOptions& options = {});

// One YAML scalar as Syck would write it as a value. For tests and status files.
std::string yaml_scalar(std::string_view bytes);
// A tree of text as Syck writes it, with the `--- ` line.
std::string yaml_document(const Value& value);
// Small documents (configuration, status): parsed by yaml-cpp within limits. Throws Error{corrupt}.
Value parse_yaml(std::string_view text, const Limits& limits = {});

}  // namespace recentd::codec
