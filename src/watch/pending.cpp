#include "watch/pending.hpp"

namespace recentd::watch {

Pending::Path& Pending::at(std::string&& path) {
  if (const auto known = places_.find(path); known != places_.end()) return paths_[known->second];
  paths_.push_back({std::move(path), false});
  places_.emplace(paths_.back().path, paths_.size() - 1);
  return paths_.back();
}

void Pending::add(Hint hint) {
  using What = Hint::What;
  if (size() >= k_paths_max) {
    *this = Pending();
    lost_ = true;
  }
  switch (hint.what) {
    case What::complete:
      at(std::move(hint.path)).complete = true;
      break;
    case What::made:
      at(std::move(hint.path));
      break;
    case What::gone:
      // What comes next under this name is another file.
      at(std::move(hint.path)).complete = false;
      break;
    case What::directory_appeared:
      // A file may have had the name.
      new_.insert(hint.path);
      at(std::move(hint.path)).complete = false;
      break;
    case What::directory_gone:
      gone_.insert(std::move(hint.path));
      break;
    case What::mounted:
      mounted_.insert(std::move(hint.path));
      break;
    case What::unmounted:
      unmounted_.insert(std::move(hint.path));
      break;
    case What::lost:
      lost_ = true;
      break;
  }
}

std::set<std::string> Pending::topmost(const std::set<std::string>& directories) {
  std::set<std::string> top;
  for (const auto& path : directories)
    if (!is_within(path, top)) top.insert(path);
  return top;
}

bool is_within(std::string_view path, std::string_view directory) noexcept {
  if (directory.empty()) return true;
  return path.starts_with(directory) && (path.size() == directory.size() || path[directory.size()] == '/');
}

bool is_within(std::string_view path, const std::set<std::string>& directories) {
  if (directories.empty()) return false;
  if (directories.contains("")) return true;
  for (auto slash = path.find('/');; slash = path.find('/', slash + 1)) {
    if (directories.contains(std::string(path.substr(0, slash)))) return true;
    if (slash == std::string_view::npos) return false;
  }
}

}  // namespace recentd::watch
