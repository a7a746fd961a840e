#include "http/validators.hpp"

#include "base/text.hpp"

namespace recentd::http {
namespace {

bool same(const sys::FileFacts& a, const sys::FileFacts& b) {
  return a.inode == b.inode && a.device == b.device && a.size_bytes == b.size_bytes &&
         a.mtime_s == b.mtime_s && a.mtime_ns == b.mtime_ns;
}

}  // namespace

std::vector<std::string> Validators::conditions(const std::string& name,
                                                const std::optional<sys::FileFacts>& here) const {
  const std::lock_guard lock(mutex_);
  const auto known = versions_.find(name);
  if (!here || known == versions_.end() || !same(known->second.facts, *here)) return {};
  std::vector<std::string> headers;
  if (!known->second.etag.empty()) headers.push_back(cat("If-None-Match: ", known->second.etag));
  if (known->second.modified)
    headers.push_back(cat("If-Modified-Since: ", date_text(*known->second.modified)));
  return headers;
}

void Validators::note(const std::string& name, const Head& answer,
                      const std::optional<sys::FileFacts>& here) {
  const std::lock_guard lock(mutex_);
  versions_.erase(name);
  if (here && tells_changes(answer)) versions_.emplace(name, Version{*here, answer.etag, answer.modified});
}

}  // namespace recentd::http
