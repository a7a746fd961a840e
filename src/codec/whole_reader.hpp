#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "codec/codec.hpp"
#include "codec/row_maker.hpp"

namespace recentd::codec {

// For formats that have no order to rely on: an index that is parsed as a whole when it is opened, its rows
// handed out later. Texts stay where they are in the bytes.
class WholeReader : public EventReader {
 public:
  [[nodiscard]] const Meta& meta() const noexcept override { return meta_; }
  [[nodiscard]] const EventList& storage() const noexcept override { return storage_; }
  std::size_t read(std::span<EventRow> out) override;

 protected:
  WholeReader(Format format, std::shared_ptr<const sys::Bytes> bytes, ReadOptions options);

  // Takes the keys of a file's top level but `recent`. Throws Error{corrupt}.
  void take_top(std::vector<std::pair<std::string, Value>> members, std::size_t offset);
  // A bare list of events.
  void take_list() { meta_.protocol = 0; }

  // One event, key by key; nothing: the value is undefined.
  void begin_event() {
    raw_.clear();
    extra_bytes_ = 0;
    if (part_ == Part::event) values_ = 0;
  }
  void event_text(std::string_view key, std::optional<std::string_view> text, std::size_t offset);
  void event_value(std::string_view key, const Value& value, std::size_t offset);
  void end_event(std::size_t offset);

  // Keeps a text that is spelled otherwise in the bytes. Hostile references must not make much of little.
  std::string_view keep(std::string_view text, std::size_t offset);
  // What comes now stands beside the events, or inside of one.
  enum class Part : std::uint8_t { frame, event };
  void enter(Part part) noexcept { part_ = part; }
  // Counts a value beside the events, or in an event's extra key, before it is made.
  void count_value(std::size_t text_bytes, std::size_t offset);
  // As much of an event's text as tells that it is beyond the limit, or all of it.
  [[nodiscard]] std::size_t text_bytes_max() const noexcept;
  // The same for anything else that a reference repeats.
  void count_bytes(std::size_t bytes, std::size_t offset);
  // To be called when all is read: somebody may have cut the file meanwhile.
  void check_torn() const;
  [[noreturn]] void fail_at(std::size_t offset, const std::string& what) const;

  std::shared_ptr<const sys::Bytes> bytes_;
  ReadOptions options_;
  std::string_view text_;

 private:
  void add_extra(std::string_view key, std::string_view text);

  Format format_;
  EventList storage_;
  RowMaker maker_;
  Meta meta_;
  RawEvent raw_;
  std::vector<EventRow> rows_;
  std::size_t at_ = 0;
  Part part_ = Part::frame;
  std::size_t values_ = 0, kept_bytes_ = 0, frame_bytes_ = 0, extra_bytes_ = 0;
};

}  // namespace recentd::codec
