#include <algorithm>

#include <recentd/delete_limit.hpp>

#include "base/text.hpp"

namespace recentd {
namespace {

constexpr std::uint64_t k_whole = 100 * 100;  // 100 % in 1/100 of a per cent
constexpr std::uint64_t k_usual_share = 10 * 100, k_usual_least = 1000;
constexpr std::uint64_t k_few = 30;  // fewer may be half of a tree without anybody's leave

// "12.5" as 1250.
std::optional<std::uint64_t> parse_share(std::string_view text) {
  const auto dot = text.find('.');
  const auto whole = parse_unsigned(text.substr(0, dot));
  if (!whole || *whole > 100) return {};
  std::uint64_t fraction = 0;
  if (dot != std::string_view::npos) {
    const auto digits = text.substr(dot + 1);
    const auto parsed = parse_unsigned(digits);
    if (!parsed || digits.size() > 2) return {};
    fraction = digits.size() == 1 ? *parsed * 10 : *parsed;
  }
  const auto share = *whole * 100 + fraction;
  return share <= k_whole ? std::optional(share) : std::nullopt;
}

std::string share_text(std::uint64_t share) {
  const auto rest = share % 100;
  if (rest == 0) return cat(share / 100, "%");
  return cat(share / 100, ".", rest / 10, rest % 10 == 0 ? "" : std::to_string(rest % 10), "%");
}

}  // namespace

DeleteLimit DeleteLimit::usual() {
  DeleteLimit limit;
  limit.share_ = k_usual_share;
  limit.least_ = k_usual_least;
  return limit;
}

std::optional<DeleteLimit> DeleteLimit::parse(std::string_view text) {
  if (text == "none") return none();
  DeleteLimit limit;
  for (const auto piece : split(text, ',')) {
    const auto part = trimmed(piece);
    const bool is_share = part.ends_with('%');
    auto& place = is_share ? limit.share_ : limit.count_;
    if (place) return {};
    place = is_share ? parse_share(trimmed(part.substr(0, part.size() - 1))) : parse_unsigned(part);
    if (!place) return {};
  }
  return limit;
}

// A number that is right for a large tree would be blind in a small one.
bool DeleteLimit::spares_half(std::uint64_t deletes, std::uint64_t tree) const noexcept {
  if (unlimited() || (share_ && *share_ >= k_whole / 2)) return true;
  return deletes < k_few || deletes < tree - std::min(deletes, tree);
}

bool DeleteLimit::allows(std::uint64_t deletes, std::uint64_t tree) const noexcept {
  return within_numbers(deletes, tree) && spares_half(deletes, tree);
}

bool DeleteLimit::within_numbers(std::uint64_t deletes, std::uint64_t tree) const noexcept {
  if (deletes <= least_) return true;
  if (count_ && deletes > *count_) return false;
  // Neither side can overflow: no tree has 10^15 files.
  return !share_ || deletes * k_whole <= *share_ * tree;
}

std::string DeleteLimit::objection(std::uint64_t deletes, std::uint64_t tree) const {
  if (within_numbers(deletes, tree) && !spares_half(deletes, tree)) return "half of the tree or more";
  return cat("more than max-delete (", text(), ") allows");
}

std::string DeleteLimit::text() const {
  if (unlimited()) return "none";
  std::string text = count_ ? std::to_string(*count_) : std::string();
  if (share_) text += (text.empty() ? "" : ",") + share_text(*share_);
  if (least_ > 0) text += cat(", at least ", least_);
  return text;
}

}  // namespace recentd
