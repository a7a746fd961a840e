#include "cli/tree_name.hpp"

#include "sys/tree/dir.hpp"
#include "tree/find.hpp"

namespace recentd::cli {

std::string tree_name(const std::string& root, const std::optional<std::string>& filenameroot) {
  if (!filenameroot) return root;
  const LevelFile principal = find_principal(root, filenameroot);
  const std::string link = principal.root + "/" + link_name(principal.name.filenameroot);
  return sys::lstat_path(link) ? link : principal.path();
}

}  // namespace recentd::cli
