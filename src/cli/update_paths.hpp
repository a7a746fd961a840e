#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <recentd/origin.hpp>
#include <recentd/path.hpp>

#include "origin/request_paths.hpp"
#include "sys/tree/dir.hpp"
#include "tree/present_below.hpp"
#include "tree/tree.hpp"

namespace recentd::cli {

// What the paths stand for that an operator gives to `recentd update`: a directory for all that is in it, by
// disk if it is new and by the index if it is gone; see recentd(1), recentd update.
class UpdatePaths {
 public:
  struct Options {
    bool missing_ok = false;
    bool dry_run = false;
    std::function<void(const std::string&)> warn = {};
    std::function<void(const std::string&)> tell = {};  // how many a directory stood for
  };
  // The set is found by root and filenameroot when it is asked. Throws Error{missing, io}.
  UpdatePaths(std::string root, std::string filenameroot, Options options);

  // The same in terms of files and links, in order. Those that mean nothing are told and left out. Throws
  // Error{missing, io}.
  std::vector<UpdateRequest> expand(const std::vector<UpdateRequest>& named);

  // How many of the paths were left out, wholly or in part.
  [[nodiscard]] std::size_t refused() const noexcept { return refused_; }
  // Why the index could not be asked what it has below the paths that are gone, if it could not.
  [[nodiscard]] const std::optional<std::string>& unasked() const noexcept { return unasked_; }

 private:
  void ask_index(const std::vector<UpdateRequest>& named, const std::vector<RequestPaths::Meant>& meant);
  void expand_new(const UpdateRequest& request, const RequestPaths::Meant& meant);
  void expand_directory(const UpdateRequest& request, const std::string& directory);
  void expand_delete(const UpdateRequest& request, const RequestPaths::Meant& meant);
  // False if the index has nothing at or below the path.
  bool add_known(const UpdateRequest& request, std::string_view path);
  void remark_on_rest(std::string_view directory, const std::vector<std::string_view>& paths);
  [[nodiscard]] std::optional<sys::FileFacts> look(std::string_view path);
  void refuse(const std::string& path, const std::string& why);

  std::string root_path_;
  std::string filenameroot_;
  Options options_;
  Bookkeeping bookkeeping_;
  RequestPaths paths_;
  sys::Dir root_;
  sys::CachedLstat disk_;
  std::optional<PresentBelow> index_;
  std::optional<std::string> unasked_;
  std::vector<UpdateRequest> out_;
  std::size_t refused_ = 0;
};

}  // namespace recentd::cli
