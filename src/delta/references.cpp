#include "delta/references.hpp"

#include <algorithm>
#include <utility>

#include "base/text.hpp"
#include "delta/lines.hpp"

namespace recentd::delta {
namespace {

constexpr std::size_t k_worth_a_reference = 64;
constexpr std::size_t k_epoch_max = 64;  // in a line; longer ones are added

// How many bytes two texts have in common at their beginnings, up to the end of an event or of the block.
std::size_t common_events(std::string_view block, std::string_view there, std::string_view separator) {
  const auto most = std::min(block.size(), there.size());
  const auto same = static_cast<std::size_t>(
      std::mismatch(block.begin(), block.begin() + static_cast<std::ptrdiff_t>(most), there.begin()).first -
      block.begin());
  if (same == block.size()) return same;
  const auto end = block.substr(0, same).rfind(separator);
  return end == std::string_view::npos ? 0 : end + separator.size();
}

// One call of with_references().
class Referring {
 public:
  Referring(std::string_view patch, const Smaller& smaller)
      : rest_(patch), separator_(smaller.separator), cursor_(smaller) {}

  std::optional<std::string> run() {
    bool refers = false;
    while (!rest_.empty()) {
      const auto line = take_line(rest_);
      if (!line) return std::nullopt;
      const auto bytes = line->starts_with('+') ? plain_number(line->substr(1)) : std::nullopt;
      if (!bytes || *bytes > rest_.size()) {
        made_.append(*line).append("\n");
        continue;
      }
      refers = refer(rest_.substr(0, *bytes)) || refers;
      rest_.remove_prefix(*bytes);
    }
    return refers ? std::optional(std::move(made_)) : std::nullopt;
  }

 private:
  bool refer(std::string_view block) {
    bool refers = false;
    std::size_t added = 0;  // bytes of the block's beginning for which there is no reference
    while (added < block.size()) {
      const auto events = block.substr(added);
      const auto epoch = epoch_in(first_event(events, separator_));
      const auto there =
          epoch && epoch->text.size() <= k_epoch_max ? cursor_.from(*epoch) : std::string_view();
      const auto same = common_events(events, there, separator_);
      if (same < k_worth_a_reference) {
        added += first_event(events, separator_).size();
        continue;
      }
      add(block.substr(0, added));
      made_ += cat("*", same, " ", epoch->text, "\n");
      refers = true;
      block.remove_prefix(added + same);
      added = 0;
    }
    add(block);
    return refers;
  }
  void add(std::string_view bytes) {
    if (!bytes.empty()) made_.append(cat("+", bytes.size(), "\n")).append(bytes);
  }

  std::string_view rest_, separator_;
  EventCursor cursor_;
  std::string made_;
};

}  // namespace

std::optional<std::string> with_references(std::string_view patch, const Smaller& smaller) {
  if (smaller.separator.empty()) return std::nullopt;
  return Referring(patch, smaller).run();
}

}  // namespace recentd::delta
