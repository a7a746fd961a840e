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
constexpr std::size_t k_steps_max = 120;        // two hours, where a level changes each minute
constexpr std::uint64_t k_request_bytes = 256;  // the head of an answer

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

// `from DIGEST BYTES`, or `from DIGEST BYTES BYTES`.
std::optional<Versions::Step> take_step(std::string_view& rest) {
  const auto value = take_value(rest, "from");
  if (!value || value->size() < k_short_digits + 2 || (*value)[k_short_digits] != ' ') return std::nullopt;
  const auto from = value->substr(0, k_short_digits), numbers = value->substr(k_short_digits + 1);
  const auto blank = numbers.find(' ');
  const auto bytes = plain_number(numbers.substr(0, blank));
  const auto merge_bytes = blank == std::string_view::npos
                               ? std::uint64_t{0}
                               : plain_number(numbers.substr(blank + 1)).value_or(0);
  if (!bytes || !is_hex(from, k_short_digits) || (merge_bytes == 0 && blank != std::string_view::npos))
    return std::nullopt;
  return Versions::Step{std::string(from), *bytes, merge_bytes};
}

std::uint64_t enclosed_bytes(const Versions::Step& step) {
  return step.merge_bytes != 0 ? step.merge_bytes : step.delta_bytes;
}

// The deltas of the first so many steps, which are all that is left of the text.
bool take_enclosed(std::string_view rest, std::uint64_t count, Versions& versions) {
  for (std::size_t i = 0; i < count; ++i) {
    const auto bytes = enclosed_bytes(versions.steps[i]);
    if (bytes > rest.size()) return false;
    versions.enclosed.emplace_back(rest.substr(0, bytes));
    rest.remove_prefix(bytes);
  }
  return rest.empty();
}

}  // namespace

std::string short_digest(std::string_view digest) {
  return std::string(digest.substr(0, k_short_digits));
}

std::string to_text(const Versions& versions) {
  auto text = cat(k_title, "\nsize ", versions.bytes, "\nmtime ", versions.mtime_s, "\ndigest ",
                  versions.digest, "\n");
  for (const auto& step : versions.steps) {
    text += cat("from ", step.from, " ", step.delta_bytes);
    if (step.merge_bytes != 0) text += cat(" ", step.merge_bytes);
    text += "\n";
  }
  if (!versions.enclosed.empty()) text += cat("with ", versions.enclosed.size(), "\n");
  text += cat(k_end, "\n");
  for (const auto& delta : versions.enclosed) text += delta;
  return text;
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
  std::optional<std::uint64_t> enclosed = 0;
  if (text.starts_with("with ")) {
    enclosed = take_number(text, "with");
    if (!enclosed || *enclosed == 0 || *enclosed > versions.steps.size()) return std::nullopt;
  }
  if (take_line(text) != k_end || !take_enclosed(text, *enclosed, versions)) return std::nullopt;
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

std::vector<std::string> merge_delta_names(const Versions& versions) {
  std::vector<std::string> names;
  std::string to = short_digest(versions.digest);
  for (const auto& step : versions.steps) {
    names.push_back(step.merge_bytes != 0 ? merge_delta_name(step.from, to) : std::string());
    to = step.from;
  }
  return names;
}

Versions newest_of(const Versions& versions) {
  auto newest = versions;
  newest.steps.resize(std::min(versions.steps.size(), std::max(k_newest_steps, versions.enclosed.size())));
  return newest;
}

std::optional<std::size_t> steps_from(const Versions& versions, std::string_view digest) {
  if (digest == versions.digest) return 0;
  std::uint64_t bytes = 0;
  for (std::size_t i = 0; i < versions.steps.size(); ++i) {
    bytes += versions.steps[i].delta_bytes + k_request_bytes;
    if (bytes >= versions.bytes) return std::nullopt;
    if (versions.steps[i].from == short_digest(digest)) return i + 1;
  }
  return std::nullopt;
}

void forget_old_steps(Versions& versions) {
  std::uint64_t bytes = 0;
  std::size_t kept = 0;
  while (kept < std::min(versions.steps.size(), k_steps_max)) {
    bytes += versions.steps[kept].delta_bytes + k_request_bytes;
    if (bytes > versions.bytes / 2) break;
    ++kept;
  }
  versions.steps.resize(kept);
}

}  // namespace recentd::delta
