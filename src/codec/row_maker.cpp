#include "codec/row_maker.hpp"

#include <limits>

#include "codec/scan16.hpp"
#include "codec/yaml/scalar_style.hpp"

namespace recentd::codec {

std::string describe(Flaw flaw) {
  switch (flaw) {
    case Flaw::no_epoch:
      return "an event without epoch";
    case Flaw::no_path:
      return "an event without path";
    case Flaw::no_type:
      return "an event without type";
    case Flaw::bad_epoch:
      return "an epoch that is no number";
    case Flaw::long_epoch:
      return "an epoch beyond the limit of length";
    case Flaw::long_path:
      return "a path beyond the limit of length";
    case Flaw::none:
      break;
  }
  return "no flaw";
}

bool is_plain_path(std::string_view path) noexcept {
  // The usual path, cheaply: begins with a letter, is longer than any word or number, and has nothing but
  // harmless bytes.
  const auto lower = path.empty() ? 0 : path[0] | 0x20;
  if (path.size() >= 16 && lower >= 'a' && lower <= 'z') {
    unsigned stops = path_stops(path.data() + path.size() - 16);
    for (std::size_t at = 0; at + 16 <= path.size(); at += 16) stops |= path_stops(path.data() + at);
    if (stops == 0) return true;
  }
  return style_of_value(path) == ScalarStyle::plain;
}

Flaw RowMaker::check(const RawEvent& event) const {
  if (!event.epoch) return Flaw::no_epoch;
  if (!event.path) return Flaw::no_path;
  if (!event.type && !event.null_type) return Flaw::no_type;
  if (event.epoch->size() > options_.limits.epoch_bytes ||
      event.epoch->size() > std::numeric_limits<std::uint16_t>::max()) {
    return Flaw::long_epoch;
  }
  if (event.path->size() > options_.limits.path_bytes ||
      event.path->size() > std::numeric_limits<std::uint32_t>::max()) {
    return Flaw::long_path;
  }
  return Flaw::none;
}

RowMaker::Outcome RowMaker::make(RawEvent& event, EventRow& row) {
  flaw_ = check(event);
  if (flaw_ != Flaw::none) return Outcome::flawed;
  const auto epoch = EpochView::parse(*event.epoch);
  if (!epoch) {
    flaw_ = Flaw::bad_epoch;
    if (!options_.on_skipped) return Outcome::flawed;
    options_.on_skipped({std::string(*event.epoch), std::string(*event.path)});
    return Outcome::skipped;
  }
  const auto type = event.null_type ? EventType::other : parse_event_type(*event.type);
  const std::uint8_t flags = is_plain_path(*event.path) ? EventRow::k_plain : std::uint8_t{0};
  row = {epoch->key,
         event.epoch->data(),
         event.path->data(),
         static_cast<std::uint32_t>(event.path->size()),
         static_cast<std::uint16_t>(event.epoch->size()),
         type,
         flags};
  if (type == EventType::other || !event.extras.empty()) {
    std::string text(type == EventType::other && !event.null_type ? *event.type : std::string_view());
    storage_.set_details(row, {std::move(text), std::move(event.extras)});
  }
  return Outcome::row;
}

}  // namespace recentd::codec
