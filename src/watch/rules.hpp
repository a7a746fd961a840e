#pragma once

#include <string_view>

#include <recentd/path.hpp>
#include <recentd/path_filter.hpp>

namespace recentd::watch {

// Which names of a tree are its content. Value type; safe to share when const.
struct Rules {
  Bookkeeping bookkeeping;
  PathFilter filter;

  // Whether a file of that path is announced; see Unfinished for those that are so only after a while.
  [[nodiscard]] bool takes(std::string_view path) const {
    return enters(path) && (filter.empty() || filter.wants(path));
  }
  // Whether there may be such files below a directory of that path.
  [[nodiscard]] bool enters(std::string_view path) const {
    return RelPath::check(path, bookkeeping) == RelPath::Flaw::none &&
           unfinished_by_name(path) != Unfinished::surely;
  }
};

}  // namespace recentd::watch
