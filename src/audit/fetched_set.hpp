#pragma once

#include <map>
#include <string>
#include <vector>

#include <recentd/clock.hpp>
#include <recentd/mirror_options.hpp>

#include "sys/tree/temp_directory.hpp"
#include "transport/transport.hpp"
#include "tree/tree.hpp"

namespace recentd::audit {

// The index files of another copy of a tree, fetched into a directory of their own.
class FetchedSet {
 public:
  // Throws Error: transport, missing (no index there), corrupt (an index that is broken), usage.
  FetchedSet(const std::string& source, const ConnectOptions& options, Clock& clock);

  [[nodiscard]] const std::string& directory() const noexcept { return scratch_.path(); }
  // Of the fetched files; `root` is that directory.
  [[nodiscard]] const TreeLayout& layout() const noexcept { return layout_; }

 private:
  std::map<std::string, transport::Outcome> fetch(transport::Transport& transport,
                                                  std::vector<std::string> names) const;
  [[nodiscard]] std::vector<std::string> levels_told(transport::Transport& transport,
                                                     const std::string& first) const;

  sys::TempDirectory scratch_;
  TreeLayout layout_;
};

}  // namespace recentd::audit
