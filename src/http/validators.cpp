#include "http/validators.hpp"

#include "base/text.hpp"

namespace recentd::http {
namespace {

constexpr std::chrono::hours k_believed{24};

bool same(const sys::FileFacts& a, const sys::FileFacts& b) {
  return a.inode == b.inode && a.device == b.device && a.size_bytes == b.size_bytes &&
         a.mtime_s == b.mtime_s && a.mtime_ns == b.mtime_ns;
}

}  // namespace

Validators::Conditions Validators::conditions(const std::string& name,
                                              const std::optional<sys::FileFacts>& here, Now now) const {
  const std::lock_guard lock(mutex_);
  const auto known = versions_.find(name);
  if (!here || known == versions_.end() || !same(known->second.facts, *here)) return {};
  const auto& [facts, etag, modified, since] = known->second;
  if (now - since > k_believed) return {};
  Conditions conditions{.headers = {}, .time = modified};
  if (!etag.empty()) conditions.headers.push_back(cat("If-None-Match: ", etag));
  if (modified) conditions.headers.push_back(cat("If-Modified-Since: ", date_text(*modified)));
  return conditions;
}

void Validators::note(const std::string& name, const Head& answer, const std::optional<sys::FileFacts>& here,
                      Now now) {
  const std::lock_guard lock(mutex_);
  versions_.erase(name);
  if (here && tells_changes(answer)) versions_.emplace(name, Known{*here, answer.etag, answer.modified, now});
}

void Validators::note_seen(const std::string& name, const Head& answer) {
  const std::lock_guard lock(mutex_);
  seen_.insert_or_assign(name, answer);
}

void Validators::confirm(const std::string& name, const std::optional<sys::FileFacts>& here, Now now) {
  std::unique_lock lock(mutex_);
  const auto seen = seen_.extract(name);
  lock.unlock();
  if (seen) note(name, seen.mapped(), here, now);
}

}  // namespace recentd::http
