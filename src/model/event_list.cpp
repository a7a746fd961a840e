#include "model/event_list.hpp"

#include <algorithm>
#include <cstring>
#include <limits>

#include <recentd/error.hpp>

#include "model/recorded.hpp"

namespace recentd {

std::string_view TextArena::store(std::string_view text) {
  constexpr std::size_t k_first_bytes = std::size_t{1} << 10, k_block_bytes = std::size_t{64} << 10;
  // An empty text takes a byte too: addresses tell rows apart.
  const std::size_t needed = std::max<std::size_t>(text.size(), 1);
  if (size_ - used_ < needed) {
    size_ = std::max(needed, blocks_.empty() ? k_first_bytes : k_block_bytes);
    used_ = 0;
    blocks_.emplace_back(new char[size_]);  // not zeroed
  }
  char* const place = blocks_.back().get() + used_;
  used_ += needed;
  if (!text.empty()) std::memcpy(place, text.data(), text.size());
  return {place, text.size()};
}

EventList::Storage& EventList::own() {
  if (!own_) own_ = std::make_shared<Storage>();
  return *own_;
}

void EventList::adopt(const EventList& other) {
  if (&other == this) return;
  if (other.own_) adopted_.push_back(other.own_);
  adopted_.insert(adopted_.end(), other.adopted_.begin(), other.adopted_.end());
  owners_.insert(owners_.end(), other.owners_.begin(), other.owners_.end());
}

EventRow EventList::make_row(const EpochView& epoch, std::string_view path, EventType type) {
  return make_row_over(epoch, store(path), type);
}

EventRow EventList::make_row_over(const EpochView& epoch, std::string_view path, EventType type) {
  if (epoch.text.size() > std::numeric_limits<std::uint16_t>::max()) {
    throw Error(Kind::corrupt, "an epoch of more than 65535 digits");
  }
  if (path.size() > std::numeric_limits<std::uint32_t>::max()) {
    throw Error(Kind::corrupt, "a path of more than 4 GiB");
  }
  const std::string_view epoch_text = store(epoch.text);
  return {epoch.key,
          epoch_text.data(),
          path.data(),
          static_cast<std::uint32_t>(path.size()),
          static_cast<std::uint16_t>(epoch_text.size()),
          type,
          0};
}

std::string_view EventList::store(std::string_view text) {
  return own().arena.store(text);
}

const EventDetails* EventList::details(const EventRow& row) const {
  if ((row.flags & EventRow::k_details) == 0) return nullptr;
  const auto look = [&](const Storage* storage) -> const EventDetails* {
    if (storage == nullptr) return nullptr;
    const auto found = storage->details.find(row.path_text);
    return found == storage->details.end() ? nullptr : &found->second;
  };
  if (const EventDetails* found = look(own_.get())) return found;
  for (const auto& storage : adopted_) {
    if (const EventDetails* found = look(storage.get())) return found;
  }
  return nullptr;
}

void EventList::set_details(EventRow& row, EventDetails details) {
  own().details[row.path_text] = std::move(details);
  row.flags |= EventRow::k_details;
}

Event EventList::event(const EventRow& row) const {
  Event event{Epoch(row.epoch()), std::string(row.path()), row.type, {}, {}};
  if (const EventDetails* found = details(row)) {
    event.other_type = found->other_type;
    event.extras = found->extras;
  } else if ((row.flags & EventRow::k_recorded) != 0) {
    event.extras = details_around(row).extras;
  }
  return event;
}

void EventList::append(const Event& event) {
  EventRow row = make_row(event.epoch, event.path, event.type);
  if (!event.extras.empty() || event.type == EventType::other) {
    set_details(row, {event.other_type, event.extras});
  }
  rows.push_back(row);
}

bool sort_newest_first(std::vector<EventRow>& rows) {
  const auto newer = [](const EventRow& a, const EventRow& b) { return a.epoch() > b.epoch(); };
  if (std::is_sorted(rows.begin(), rows.end(), newer)) return false;
  std::stable_sort(rows.begin(), rows.end(), newer);
  return true;
}

}  // namespace recentd
