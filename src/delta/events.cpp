#include "delta/events.hpp"

namespace recentd::delta {

std::optional<EpochView> epoch_in(std::string_view event) {
  constexpr std::string_view k_key = "epoch", k_digits = "0123456789.", k_between = "'\" :=>";
  const auto key = event.find(k_key);
  if (key == std::string_view::npos) return std::nullopt;
  const auto start = event.find_first_not_of(k_between, key + k_key.size());
  if (start == std::string_view::npos) return std::nullopt;
  const auto text = event.substr(start);
  return EpochView::parse(text.substr(0, text.find_first_not_of(k_digits)));
}

EventCursor::EventCursor(const Smaller& smaller)
    : rest_(smaller.separator.empty() ? std::string_view() : smaller.text), separator_(smaller.separator) {
  event_bytes_ = first_event(rest_, separator_).size();  // what comes before the first event
  next();
}

void EventCursor::next() {
  rest_.remove_prefix(event_bytes_);
  const auto event = first_event(rest_, separator_);
  event_bytes_ = event.size();
  epoch_ = epoch_in(event);
}

std::string_view EventCursor::from(const EpochView& epoch) {
  while (!rest_.empty() && (!epoch_ || *epoch_ > epoch)) next();
  return epoch_ && *epoch_ == epoch ? rest_ : std::string_view();
}

}  // namespace recentd::delta
