#include "codec/row_maker.hpp"

#include <algorithm>
#include <cstdint>

#include "codec/scan16.hpp"
#include "codec/yaml/scalar_style.hpp"

namespace recentd::codec {

namespace {

constexpr std::size_t k_told_bytes = 200;  // of a text of an event that is skipped

}  // namespace

std::string describe(Flaw flaw) {
  switch (flaw) {
    case Flaw::no_epoch:
      return "an event without epoch";
    case Flaw::no_path:
      return "an event without path";
    case Flaw::no_type:
      return "an event without type";
    case Flaw::bad_epoch:
      return std::string(k_no_number);
    case Flaw::long_epoch:
      return "an epoch beyond the limit of length";
    case Flaw::long_path:
      return "a path beyond the limit of length";
    case Flaw::long_type:
      return "a type beyond the limit of length";
    case Flaw::long_extras:
      return "more extra keys than an event has";
    case Flaw::none:
      break;
  }
  return "no flaw";
}

bool has_exponent(std::string_view number) noexcept {
  return number.find_first_of("eE") != std::string_view::npos;
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
  const auto& limits = options_.limits;
  if (!event.epoch) return Flaw::no_epoch;
  if (!event.path) return Flaw::no_path;
  if (!event.type && !event.null_type) return Flaw::no_type;
  if (event.epoch->size() > std::min<std::size_t>(limits.epoch_bytes, UINT16_MAX)) return Flaw::long_epoch;
  if (event.path->size() > std::min<std::size_t>(limits.path_bytes, UINT32_MAX)) return Flaw::long_path;
  if (event.type && event.type->size() > limits.type_bytes) return Flaw::long_type;
  std::size_t extra_bytes = 0;
  for (const auto& [key, text] : event.extras) extra_bytes += key.size() + text.size();
  return extra_bytes > limits.extra_bytes ? Flaw::long_extras : Flaw::none;
}

bool RowMaker::skip(const RawEvent& event, std::string why) const {
  if (!options_.on_skipped) return false;
  const auto cut = [](const std::optional<std::string_view>& text) {
    return std::string(text.value_or(std::string_view()).substr(0, k_told_bytes));
  };
  options_.on_skipped({cut(event.epoch), cut(event.path), std::move(why)});
  return true;
}

RowMaker::Outcome RowMaker::refuse(const RawEvent& event, Flaw flaw) {
  flaw_ = flaw;
  const bool lacks_something = flaw == Flaw::no_epoch || flaw == Flaw::no_path || flaw == Flaw::no_type;
  return !lacks_something && skip(event, describe(flaw)) ? Outcome::skipped : Outcome::flawed;
}

RowMaker::Outcome RowMaker::make(RawEvent& event, EventRow& row) {
  flaw_ = check(event);
  if (flaw_ != Flaw::none) return refuse(event, flaw_);
  const auto epoch = EpochView::parse(*event.epoch);
  if (!epoch) return refuse(event, Flaw::bad_epoch);
  if (has_exponent(*event.epoch)) event.epoch = storage_.store(spelled_out(*epoch));
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
