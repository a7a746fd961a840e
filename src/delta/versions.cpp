#include "delta/versions.hpp"

#include <algorithm>
#include <utility>

#include "base/text.hpp"
#include "delta/lines.hpp"
#include "recentfile/names.hpp"

namespace recentd::delta {
namespace {

constexpr std::string_view k_title = "recentd versions 1", k_end = "end";
constexpr std::size_t k_digest_digits = 64, k_short_digits = 32;
constexpr std::size_t k_steps_max = 60;  // an hour, where a level changes each minute

bool is_hex(std::string_view text, std::size_t digits) {
  return text.size() == digits &&
         std::ranges::all_of(text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

// What stands behind a word and a blank in the next line.
std::optional<std::string_view> take_value(std::string_view& rest, std::string_view word) {
  auto line = take_line(rest);
  if (!line || !line->starts_with(word) || line->size() <= word.size() || (*line)[word.size()] != ' ')
    return std::nullopt;
  return line->substr(word.size() + 1);
}

std::optional<std::uint64_t> take_number(std::string_view& rest, std::string_view word) {
  const auto value = take_value(rest, word);
  return value ? plain_number(*value) : std::nullopt;
}

std::optional<Versions::Step> take_step(std::string_view& rest) {
  const auto value = take_value(rest, "from");
  if (!value || value->size() < k_short_digits + 2 || (*value)[k_short_digits] != ' ') return std::nullopt;
  const auto from = value->substr(0, k_short_digits);
  const auto bytes = plain_number(value->substr(k_short_digits + 1));
  if (!bytes || !is_hex(from, k_short_digits)) return std::nullopt;
  return Versions::Step{std::string(from), *bytes};
}

}  // namespace

std::string short_digest(std::string_view digest) {
  return std::string(digest.substr(0, k_short_digits));
}

std::string to_text(const Versions& versions) {
  auto text = cat(k_title, "\nsize ", versions.bytes, "\nmtime ", versions.mtime_s, "\ndigest ",
                  versions.digest, "\n");
  for (const auto& step : versions.steps) text += cat("from ", step.from, " ", step.delta_bytes, "\n");
  return text + cat(k_end, "\n");
}

std::optional<Versions> parse_versions(std::string_view text) {
  if (text.size() > k_versions_bytes_max || take_line(text) != k_title) return std::nullopt;
  Versions versions;
  const auto bytes = take_number(text, "size"), mtime = take_number(text, "mtime");
  const auto digest = take_value(text, "digest");
  if (!bytes || !mtime || !digest || !is_hex(*digest, k_digest_digits)) return std::nullopt;
  versions.bytes = *bytes;
  versions.mtime_s = static_cast<std::int64_t>(*mtime);
  versions.digest = std::string(*digest);
  while (text.starts_with("from ")) {
    auto step = take_step(text);
    if (!step) return std::nullopt;
    versions.steps.push_back(*std::move(step));
  }
  if (take_line(text) != k_end || !text.empty()) return std::nullopt;
  return versions;
}

std::vector<std::string> delta_names(const Versions& versions) {
  std::vector<std::string> names;
  std::string to = short_digest(versions.digest);
  for (const auto& step : versions.steps) {
    names.push_back(delta_name(step.from, to));
    to = step.from;
  }
  return names;
}

std::optional<std::size_t> steps_from(const Versions& versions, std::string_view digest) {
  if (digest == versions.digest) return 0;
  std::uint64_t bytes = 0;
  for (std::size_t i = 0; i < versions.steps.size(); ++i) {
    bytes += versions.steps[i].delta_bytes;
    if (bytes >= versions.bytes) return std::nullopt;
    if (versions.steps[i].from == short_digest(digest)) return i + 1;
  }
  return std::nullopt;
}

void forget_old_steps(Versions& versions) {
  std::uint64_t bytes = 0;
  std::size_t kept = 0;
  while (kept < std::min(versions.steps.size(), k_steps_max)) {
    bytes += versions.steps[kept].delta_bytes;
    if (bytes > versions.bytes / 2) break;
    ++kept;
  }
  versions.steps.resize(kept);
}

}  // namespace recentd::delta
