#include "watch/links.hpp"

#include <algorithm>

namespace recentd::watch {

void Links::note(const std::string& path, const sys::FileFacts& facts) {
  const bool kept = facts.type == sys::FileType::regular && facts.links > 1;
  const auto known = by_path_.find(path);
  if (kept && known != by_path_.end() && known->second == file_of(facts)) return;
  forget(path);
  if (!kept) return;
  if (by_path_.size() >= k_names_max) {
    overflowed_ = true;
    return;
  }
  files_[file_of(facts)].paths.insert(path);
  by_path_.emplace(path, file_of(facts));
}

void Links::forget(const std::string& path) {
  const auto known = by_path_.find(path);
  if (known == by_path_.end()) return;
  const auto file = files_.find(known->second);
  file->second.paths.erase(path);
  if (file->second.paths.empty()) files_.erase(file);
  by_path_.erase(known);
}

std::vector<std::string> Links::others(const std::string& path) const {
  const auto known = by_path_.find(path);
  if (known == by_path_.end()) return {};
  const auto& paths = files_.at(known->second).paths;
  std::vector<std::string> others;
  std::ranges::copy_if(paths, std::back_inserter(others), [&](const auto& other) { return other != path; });
  return others;
}

bool Links::lacks_names(const std::string& path, const sys::FileFacts& facts) const {
  if (facts.type != sys::FileType::regular || facts.links < 2) return false;
  const auto known = by_path_.find(path);
  if (known == by_path_.end()) return false;
  const auto& names = files_.at(known->second);
  return facts.links > names.paths.size() + names.elsewhere;
}

void Links::complete(File file, std::uint32_t links) {
  const auto known = files_.find(file);
  if (known == files_.end()) return;
  const auto here = static_cast<std::uint32_t>(known->second.paths.size());
  known->second.elsewhere = links > here ? links - here : 0;
}

}  // namespace recentd::watch
