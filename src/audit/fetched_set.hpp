#pragma once

#include <string>

#include <recentd/clock.hpp>

#include "sys/tree/temp_directory.hpp"
#include "transport/rsync_transport.hpp"
#include "tree/tree.hpp"

namespace recentd::audit {

// The index files of another copy of a tree, fetched into a directory of their own.
class FetchedSet {
 public:
  // Throws Error: transport, missing (no index there), corrupt (an index that is broken), usage.
  FetchedSet(const std::string& source, const transport::RsyncSettings& settings, Clock& clock);

  [[nodiscard]] const std::string& directory() const noexcept { return scratch_.path(); }
  // Of the fetched files; `root` is that directory.
  [[nodiscard]] const TreeLayout& layout() const noexcept { return layout_; }

 private:
  sys::TempDirectory scratch_;
  TreeLayout layout_;
};

}  // namespace recentd::audit
