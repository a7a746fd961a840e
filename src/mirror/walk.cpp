#include "mirror/walk.hpp"

namespace recentd::mirror {

void walk_files(const sys::Dir& root, const Bookkeeping& bookkeeping, const std::string& directory,
                const std::function<void(const std::string&, sys::FileType)>& file) {
  const auto entries = root.list(directory);
  if (!entries) return;
  for (const auto& entry : *entries) {
    const auto path = directory.empty() ? entry.name : directory + "/" + entry.name;
    if (bookkeeping.owns(path)) continue;
    if (entry.type == sys::FileType::directory)
      walk_files(root, bookkeeping, path, file);
    else
      file(path, entry.type);
  }
}

}  // namespace recentd::mirror
