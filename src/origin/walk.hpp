#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <recentd/clock.hpp>
#include <recentd/path.hpp>
#include <recentd/path_filter.hpp>

#include "model/event_list.hpp"
#include "origin/left_out.hpp"
#include "origin/unfit_paths.hpp"

namespace recentd {

// One file or link of a tree: 24 bytes.
struct TreeFile {
  std::int64_t mtime_s = 0;  // of the link itself, if it is one
  const char* path_text = nullptr;
  std::uint32_t path_bytes = 0;

  [[nodiscard]] std::string_view path() const noexcept { return {path_text, path_bytes}; }
};

// The files of a tree, in memory that holds little beside the bytes of their paths. Move-only.
class TreeFiles {
 public:
  std::vector<TreeFile> rows;
  UnfitPaths unfit;
  LeftOut left_out;

  // Adds a file; the path is copied.
  void add(std::string_view path, std::int64_t mtime_s);
  // Keeps the paths of `others` alive, so that its rows may be copied into this one.
  void adopt_texts(TreeFiles& others);

 private:
  std::vector<TextArena> texts_ = std::vector<TextArena>(1);
};

// The newest first; of one second by path.
struct ComesBefore {
  bool operator()(const TreeFile& a, const TreeFile& b) const noexcept {
    return a.mtime_s != b.mtime_s ? a.mtime_s > b.mtime_s : a.path() < b.path();
  }
};

// All regular files and symbolic links below root, links not followed, other types, bookkeeping names, what
// rsync has not finished at `now` and what the filter does not want left out; sorted as ComesBefore says.
// Names that cannot be events are told to `on_warning`. Throws Error{missing, io}.
TreeFiles walk_tree(const std::string& root, const Bookkeeping& bookkeeping, const PathFilter& filter,
                    TimePoint now, const std::function<void(const std::string&)>& on_warning);

// The same of what is below a directory of the tree, which has no link on its way; a directory that is not
// there has nothing. Those that cannot be read are told to `on_unreadable`, one at a time, with an errno.
TreeFiles walk_below(const std::string& root, std::string_view directory, const Bookkeeping& bookkeeping,
                     TimePoint now, const std::function<void(const std::string&)>& on_warning,
                     const std::function<void(std::string_view directory, int failure)>& on_unreadable);

}  // namespace recentd
