#include "base/near_match.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace recentd {

namespace {

// Longer words are no slips of the fingers, and would cost time.
constexpr std::size_t k_word_bytes_max = 64;

// How many slips lead from one word to the other; neighbours that were swapped are one.
std::size_t slips(std::string_view from, std::string_view to) {
  std::vector<std::size_t> before_last, last(to.size() + 1), row(to.size() + 1);
  for (std::size_t j = 0; j <= to.size(); ++j) last[j] = j;
  for (std::size_t i = 1; i <= from.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= to.size(); ++j) {
      const std::size_t other = from[i - 1] == to[j - 1] ? 0 : 1;
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + other});
      const bool swapped = i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1];
      if (swapped) row[j] = std::min(row[j], before_last[j - 2] + 1);
    }
    before_last = last;
    last = row;
  }
  return last[to.size()];
}

// The one candidate that begins with the word.
std::optional<std::string_view> completed(std::string_view word,
                                          std::span<const std::string_view> candidates) {
  const auto begins = [&](std::string_view candidate) { return candidate.starts_with(word); };
  const auto found = std::ranges::find_if(candidates, begins);
  if (word.empty() || std::ranges::count_if(candidates, begins) != 1) return std::nullopt;
  return *found;
}

}  // namespace

std::optional<std::string_view> nearest(std::string_view word, std::span<const std::string_view> candidates) {
  if (word.size() > k_word_bytes_max) return std::nullopt;
  if (const auto whole = completed(word, candidates)) return whole;
  std::optional<std::string_view> best;
  std::size_t fewest = (word.size() + 2) / 3 + 1;
  for (const auto candidate : candidates) {
    if (candidate.size() > k_word_bytes_max) continue;
    const auto count = slips(word, candidate);
    // What has no letter in common is no slip.
    if (count >= fewest || count >= std::max(word.size(), candidate.size())) continue;
    fewest = count;
    best = candidate;
  }
  return best;
}

std::string did_you_mean(std::string_view word, std::span<const std::string_view> candidates) {
  const auto meant = nearest(word, candidates);
  return meant ? cat(" (did you mean ", quoted(*meant), "?)") : std::string();
}

}  // namespace recentd
