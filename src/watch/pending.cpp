#include "watch/pending.hpp"

namespace recentd::watch {

Pending::Path& Pending::at(std::string_view path) {
  const auto hash = decltype(places_)::hash(path);
  if (const auto* const known = places_.find(path, hash)) return paths_[known->value];
  const auto text = texts_.store(path);
  text_bytes_ += text.size();
  places_.insert(text, hash, static_cast<std::uint32_t>(paths_.size()));
  return paths_.emplace_back(Path{text, false});
}

void Pending::add(Hint hint) {
  using What = Hint::What;
  if (size() >= k_paths_max) {
    *this = Pending();
    lost_ = true;
  }
  switch (hint.what) {
    case What::complete:
      at(hint.path).complete = true;
      break;
    case What::made:
      at(hint.path);
      break;
    case What::gone:
      // What comes next under this name is another file.
      at(hint.path).complete = false;
      break;
    case What::directory_appeared:
      // A file may have had the name.
      at(hint.path).complete = false;
      new_.insert(std::move(hint.path));
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
