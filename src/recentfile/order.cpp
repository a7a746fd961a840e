#include "recentfile/order.hpp"

#include <limits>

namespace recentd {

namespace {

std::optional<Epoch> next_second(const EpochView& epoch) {
  const std::int64_t seconds = epoch.key.seconds;
  if (seconds < 0 || seconds == std::numeric_limits<std::int64_t>::max()) return std::nullopt;
  return Epoch::from_parts(seconds + 1, 0, 0);
}

}  // namespace

std::vector<Epoch> epochs_above(const EpochView& low, const std::optional<EpochView>& newer, std::size_t n) {
  if (n == 0) return {};
  const std::optional<Epoch> limit = next_second(low);
  if (!limit || (newer && *newer < limit->view())) return spread(low, newer, n);
  return spread(low, limit->view(), n);
}

void set_epoch(EventRow& row, const EpochView& epoch, EventList& texts) {
  const std::string_view text = texts.store(epoch.text);
  row.key = epoch.key;
  row.epoch_text = text.data();
  row.epoch_bytes = static_cast<std::uint16_t>(text.size());
  row.flags &= static_cast<std::uint8_t>(~EventRow::k_verbatim);
}

void space_group(std::span<EventRow> group, const std::optional<EpochView>& newer, EventList& texts) {
  const std::size_t n = group.size() - 1;
  const std::vector<Epoch> places = epochs_above(group.back().epoch(), newer, n);
  for (std::size_t i = 0; i < n; ++i) set_epoch(group[i], places[n - 1 - i].view(), texts);
}

Spacing space_ties(EventList& events, const std::optional<EpochView>& mark) {
  Spacing out;
  std::vector<EventRow>& rows = events.rows;
  for (std::size_t begin = 0, end = 0; begin < rows.size(); begin = end) {
    const EpochView epoch = rows[begin].epoch();
    for (end = begin + 1; end < rows.size() && rows[end].epoch() == epoch; ++end) {
    }
    if (end - begin == 1) continue;
    const std::optional<EpochView> newer =
        begin == 0 ? std::nullopt : std::optional<EpochView>(rows[begin - 1].epoch());
    space_group({rows.data() + begin, end - begin}, newer, events);
    out.moved = true;
    if (mark && epoch <= *mark && rows[begin].epoch() > *mark) out.crossed = true;
  }
  return out;
}

}  // namespace recentd
