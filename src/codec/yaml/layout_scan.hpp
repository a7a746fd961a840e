#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string_view>

#include "codec/codec.hpp"
#include "codec/row_maker.hpp"
#include "codec/scan16.hpp"
#include "codec/yaml/recorded_scan.hpp"

namespace recentd::codec {

// Where the values of one record stand, as the block parser found them; what a layout is learned from.
struct RecordShape {
  enum class Field : std::uint8_t { epoch, path, type };
  struct Value {
    Field field;
    std::size_t begin, end;
  };
  std::size_t begin = 0, end = 0;  // of the record's lines
  std::array<Value, 3> values{};
  std::size_t count = 0;
  bool regular = true;  // no other keys, no repetition, plain type

  void add(Field field, std::size_t value_begin, std::size_t value_end) {
    if (count < 3) values[count] = {field, value_begin, value_end};
    ++count;
  }
};

// Reads the paths that are not simply their own text.
class OddPaths {
 public:
  virtual ~OddPaths() = default;
  // The path that begins at `begin` and where its spelling ends; false for one that it leaves to the parser.
  virtual bool read(std::size_t begin, std::string_view& path, std::size_t& end) = 0;
};

// The fast path: emitters write the same bytes between the values of all records, so those bytes are compared
// 16 at a time and only the values are looked at. Starts with the reference's layout and learns another
// emitter's from the first record that the parser took. For JSON all layouts are learned. Of records with
// more keys it knows those that our YAML writer records.
class LayoutScanner {
 public:
  LayoutScanner(Format format, std::string_view text, OddPaths& odd_paths, const Limits& limits);

  // Takes this record's layout, if it is regular.
  void learn(const RecordShape& shape);

  // Reads records from `at` (the first byte of a record's first line, or its brace), fills out[], and returns
  // how many; `at` moves behind the last one taken. 0 if the record there is not of this layout or too near
  // the end.
  std::size_t scan(std::size_t& at, std::span<EventRow> out);

 private:
  using Field = RecordShape::Field;
  template <Format K>
  std::size_t scan_format(const char*& record, std::span<EventRow> out);
  template <Format K, Field A, Field B, Field C>
  std::size_t scan_ordered(const char*& record, std::span<EventRow> out);
  template <Format K, Field F>
  const char* value(const char* p, EventRow& row);
  template <Format K>
  const char* epoch_value(const char* p, EventRow& row);
  const char* odd_epoch(const char* p, EventRow& row);
  template <Format K>
  const char* path_value(const char* p, EventRow& row);
  const char* odd_path(const char* p, EventRow& row);

  Format format_;
  std::string_view text_;
  OddPaths& odd_paths_;
  RecordedScanner recorded_;
  std::size_t path_bytes_max_, epoch_bytes_max_;
  const char* safe_end_ = nullptr;  // a record may begin before this
  std::array<Field, 3> order_{Field::epoch, Field::path, Field::type};
  Pattern first_, between_[2], join_;
  std::size_t tail_bytes_ = 0;                    // of the join, those that belong to the record before
  std::uint8_t plain_flags_ = EventRow::k_plain;  // of a usual record; k_verbatim with the reference's layout
};

}  // namespace recentd::codec
