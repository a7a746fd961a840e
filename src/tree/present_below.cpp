#include "tree/present_below.hpp"

#include <algorithm>

namespace recentd {

namespace {

constexpr std::size_t k_rows_at_once = 4096;

std::uint64_t length_bit(std::size_t bytes) noexcept {
  return std::uint64_t{1} << (bytes % 64);
}

}  // namespace

PresentBelow::PresentBelow(const TreeLayout& layout, std::vector<std::string_view> paths)
    : places_(paths.size()) {
  for (const auto path : paths) {
    const auto place = static_cast<std::uint32_t>(asked_.size());
    if (!places_.insert(path, decltype(places_)::hash(path), place).second) continue;
    asked_.emplace_back();
    lengths_ |= length_bit(path.size());
  }
  read(layout);
  collect();
}

// The principal may be the link's own content (see read_principal()), so it is read as a whole.
void PresentBelow::read(const TreeLayout& layout) {
  if (asked_.empty()) return;
  if (const auto content = read_principal(layout.file(0), Reader::mirror))
    for (const auto& row : content->events.rows) take(row);
  std::vector<EventRow> rows(k_rows_at_once);
  for (std::size_t level = 1; level < layout.levels.size() && !is_answered(); ++level) {
    const auto opened = open_level(layout.file(level), Reader::mirror);
    if (!opened) continue;
    while (const auto n = opened->reader->read(rows)) {
      for (std::size_t i = 0; i < n; ++i) take(rows[i]);
      if (is_answered()) break;
    }
  }
}

void PresentBelow::take(const EventRow& row) {
  const auto path = row.path();
  const bool present = row.type == EventType::new_;
  for (auto slash = path.find('/');; slash = path.find('/', slash + 1)) {
    const auto upper = path.substr(0, slash);
    const bool itself = slash == std::string_view::npos;
    const auto* const found = (lengths_ & length_bit(upper.size())) != 0 ? places_.find(upper) : nullptr;
    if (found != nullptr && itself) {
      auto& asked = asked_[found->value];
      files_ += !asked.settled && present ? 1 : 0;
      if (!asked.settled) asked = {true, present};
    } else if (found != nullptr) {
      const auto hash = decltype(seen_)::hash(path);
      if (seen_.find(path, hash) == nullptr)
        seen_.insert(texts_.store(path), hash, {found->value & 0x7FFFFFFFU, present});
    }
    if (itself) return;
  }
}

void PresentBelow::collect() {
  seen_.for_each([this](const auto& entry) {
    if (entry.value.present != 0) below_.emplace_back(entry.value.asked, entry.path());
  });
  std::sort(below_.begin(), below_.end());
}

bool PresentBelow::is_present(std::string_view path) noexcept {
  const auto* const entry = places_.find(path);
  return entry != nullptr && asked_[entry->value].present;
}

std::vector<std::string_view> PresentBelow::below(std::string_view path) {
  std::vector<std::string_view> paths;
  const auto* const entry = places_.find(path);
  if (entry == nullptr) return paths;
  auto at = std::ranges::lower_bound(below_, entry->value, {}, [](const auto& one) { return one.first; });
  for (; at != below_.end() && at->first == entry->value; ++at) paths.push_back(at->second);
  return paths;
}

}  // namespace recentd
