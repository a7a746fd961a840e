#include "transport/arrivals.hpp"

#include <array>
#include <chrono>
#include <cstdlib>

#include "base/text.hpp"
#include "sys/tree/remove_tree.hpp"

namespace recentd::transport {
namespace {

constexpr std::int64_t k_coarsest_s = 2;  // some file systems keep even seconds only

// The number that fills a part of the text; nothing for anything but digits.
std::optional<unsigned> number_at(std::string_view text, std::size_t at, std::size_t length) {
  const auto value = parse_unsigned(text.substr(at, length));
  return value ? std::optional(static_cast<unsigned>(*value)) : std::nullopt;
}

bool same_file(const sys::FileFacts& a, const sys::FileFacts& b) {
  return a.inode == b.inode && a.device == b.device;
}

std::optional<sys::FileFacts> look(sys::CachedLstat& cached, const std::string& name) {
  const auto path = RelPath::parse(name, sys::any_name());
  return path ? cached.lstat(*path) : std::nullopt;
}

}  // namespace

std::optional<std::int64_t> parse_time(std::string_view text) {
  constexpr std::string_view k_shape = "0000/00/00-00:00:00";
  if (text.size() != k_shape.size()) return std::nullopt;
  constexpr std::array<std::pair<std::size_t, std::size_t>, 6> k_parts = {
      {{0, 4}, {5, 2}, {8, 2}, {11, 2}, {14, 2}, {17, 2}}};
  std::array<unsigned, 6> parts{};
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const auto part = number_at(text, k_parts[i].first, k_parts[i].second);
    if (!part) return std::nullopt;
    parts[i] = *part;
  }
  for (const auto at : {4U, 7U, 10U, 13U, 16U})
    if (text[at] != k_shape[at] && k_shape[at] != '0') return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(static_cast<int>(parts[0])),
                                         std::chrono::month(parts[1]), std::chrono::day(parts[2])};
  if (!date.ok() || parts[3] > 23 || parts[4] > 59 || parts[5] > 60) return std::nullopt;
  const auto time = std::chrono::sys_days(date) + std::chrono::hours(parts[3]) +
                    std::chrono::minutes(parts[4]) + std::chrono::seconds(parts[5]);
  return std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count();
}

std::string refutation(const Claim& claim, const std::optional<sys::FileFacts>& now,
                       const std::optional<sys::FileFacts>& before) {
  if (claim.kind == Claim::Kind::other) return {};
  if (!now) return "it is said to have arrived, and is not here";
  const auto type = claim.kind == Claim::Kind::file ? sys::FileType::regular : sys::FileType::symlink;
  if (now->type != type) return "it is said to have arrived, and something else has its name here";
  if (before && same_file(*before, *now))
    return "it is said to have arrived, and what is here was here before";
  if (claim.kind == Claim::Kind::link) return {};
  if (claim.size_bytes && *claim.size_bytes != now->size_bytes)
    return cat("it is said to have arrived with ", *claim.size_bytes, " bytes, and has ", now->size_bytes,
               " here");
  if (claim.mtime_s && std::abs(*claim.mtime_s - now->mtime_s) > k_coarsest_s)
    return "it is said to have arrived, and has another time here";
  return {};
}

Arrivals::Arrivals(const std::vector<std::string>& names, const std::string& destination, bool written_anew)
    : names_(names) {
  if (sys::stat_path(destination)) destination_.emplace(destination);
  if (!destination_ || !written_anew) return;
  sys::CachedLstat cached(*destination_);
  for (std::size_t i = 0; i < names.size(); ++i)
    if (auto facts = look(cached, names[i])) before_.emplace(i, *facts);
}

void Arrivals::check(const std::vector<Claim>& claims, const std::string& complaint,
                     FetchResult& result) const {
  std::optional<sys::CachedLstat> cached;
  if (destination_) cached.emplace(*destination_);
  for (const auto& claim : claims) {
    const auto i = claim.name;
    auto& outcome = result.outcomes[i];
    if (outcome != Outcome::transferred && outcome != Outcome::unchanged) continue;
    const auto before = before_.find(i);
    const bool anew = outcome == Outcome::transferred && before != before_.end();
    const auto now = cached ? look(*cached, names_[i]) : std::nullopt;
    const auto why = refutation(claim, now, anew ? std::optional(before->second) : std::nullopt);
    if (why.empty()) continue;
    outcome = result.problem ? Outcome::not_tried : Outcome::failed;
    result.messages[i] = complaint.empty() ? why : cat(why, "; ", complaint);
  }
}

}  // namespace recentd::transport
