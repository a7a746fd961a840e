#include "transport/arrivals.hpp"

#include "base/text.hpp"
#include "sys/failure.hpp"
#include "sys/tree/remove_tree.hpp"

namespace recentd::transport {
namespace {

bool same_version(const sys::FileFacts& a, const sys::FileFacts& b) {
  return a.inode == b.inode && a.device == b.device && a.type == b.type && a.size_bytes == b.size_bytes &&
         a.mtime_s == b.mtime_s && a.mtime_ns == b.mtime_ns;
}

std::optional<sys::FileFacts> look(sys::CachedLstat& cached, const std::string& name) {
  const auto path = RelPath::parse(name, sys::any_name());
  if (!path) return std::nullopt;
  return sys::or_nothing([&] { return cached.lstat(*path); });
}

}  // namespace

std::string refutation(const Claim& claim, Outcome outcome, const std::optional<sys::FileFacts>& now,
                       const std::optional<sys::FileFacts>& before) {
  if (claim.kind == Claim::Kind::other) return {};
  if (!now) return "it is said to have arrived, and is not here";
  const auto type = claim.kind == Claim::Kind::file ? sys::FileType::regular : sys::FileType::symlink;
  if (now->type != type) return "it is said to have arrived, and something else has its name here";
  if (outcome == Outcome::transferred)
    return before && same_version(*before, *now)
               ? "it is said to have arrived, and what is here was here before"
               : std::string();
  if (claim.kind == Claim::Kind::link || claim.size_bytes == now->size_bytes) return {};
  return cat("it is said to be here with ", claim.size_bytes, " bytes, and has ", now->size_bytes);
}

Arrivals::Arrivals(const std::vector<std::string>& names, const std::string& destination) : names_(names) {
  if (sys::stat_path(destination)) destination_.emplace(destination);
  if (!destination_) return;
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
    const auto now = cached ? look(*cached, names_[i]) : std::nullopt;
    const auto why = refutation(claim, outcome, now,
                                before == before_.end() ? std::nullopt : std::optional(before->second));
    if (why.empty()) continue;
    outcome = result.problem ? Outcome::not_tried : Outcome::failed;
    result.messages[i] = complaint.empty() ? why : cat(why, "; ", complaint);
  }
}

void Arrivals::clear_directories(const FetchResult& result) const {
  for (std::size_t i = 0; destination_ && i < names_.size(); ++i) {
    if (result.outcomes[i] != Outcome::vanished || before_.contains(i)) continue;
    const auto path = RelPath::parse(names_[i], sys::any_name());
    if (!path) continue;
    const auto now = sys::or_nothing([&] { return destination_->lstat(*path); });
    if (now && now->type == sys::FileType::directory)
      (void)sys::or_nothing([&] { return std::optional(destination_->rmdir(*path)); });
  }
}

}  // namespace recentd::transport
