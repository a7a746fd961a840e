#include "cli/update_paths.hpp"

#include <algorithm>
#include <cstring>

#include <recentd/clock.hpp>
#include <recentd/error.hpp>

#include "base/shell_word.hpp"
#include "base/text.hpp"
#include "origin/walk.hpp"

namespace recentd::cli {

UpdatePaths::UpdatePaths(std::string root, std::string filenameroot, Options options)
    : root_path_(std::move(root)),
      filenameroot_(std::move(filenameroot)),
      options_(std::move(options)),
      bookkeeping_(filenameroot_),
      paths_(root_path_, bookkeeping_),
      root_(root_path_),
      disk_(root_) {}

std::vector<UpdateRequest> UpdatePaths::expand(const std::vector<UpdateRequest>& named) {
  std::vector<RequestPaths::Meant> meant;
  meant.reserve(named.size());
  for (const auto& request : named) meant.push_back(paths_.find(request.path));
  ask_index(named, meant);
  out_.reserve(named.size());
  for (std::size_t i = 0; i < named.size(); ++i) {
    if (named[i].type == EventType::new_) {
      expand_new(named[i], meant[i]);
    } else {
      expand_delete(named[i], meant[i]);
    }
  }
  return std::move(out_);
}

// Once for all paths, and only if one may be gone: of a large tree this is what takes time.
void UpdatePaths::ask_index(const std::vector<UpdateRequest>& named,
                            const std::vector<RequestPaths::Meant>& meant) {
  std::vector<std::string_view> gone;
  for (std::size_t i = 0; i < named.size(); ++i) {
    if (named[i].type == EventType::new_) continue;
    if (meant[i].spelled) gone.push_back(*meant[i].spelled);
    if (meant[i].real && meant[i].real != meant[i].spelled) gone.push_back(*meant[i].real);
  }
  if (gone.empty()) return;
  try {
    index_.emplace(open_tree(root_path_, filenameroot_), std::move(gone));
  } catch (const Error& error) {
    if (error.kind() != Kind::corrupt && error.kind() != Kind::io) throw;
    unasked_ = error.what();
  }
}

// What cannot be meant goes on to the writer, which says so.
void UpdatePaths::expand_new(const UpdateRequest& request, const RequestPaths::Meant& meant) {
  if (!meant.real) return out_.push_back(request);
  try {
    const auto facts = look(*meant.real);
    if (!facts) {
      if (options_.missing_ok) return out_.push_back(request);
      return refuse(
          request.path,
          "it is not on disk; --delete tells that it is gone, --missing-ok registers it all the same");
    }
    if (facts->type == sys::FileType::other)
      return refuse(request.path, "it is a FIFO, a socket or a device, which no mirror copies");
    if (facts->type == sys::FileType::directory) return expand_directory(request, std::string(*meant.real));
    out_.push_back(request);
  } catch (const Error& error) {
    if (error.kind() != Kind::io) throw;
    if (options_.missing_ok) return out_.push_back(request);
    refuse(request.path, cat(error.what(), "; --missing-ok registers it unseen"));
  }
}

void UpdatePaths::expand_directory(const UpdateRequest& request, const std::string& directory) {
  if (unfinished_by_name(directory) == Unfinished::surely)
    return refuse(request.path, "it holds what rsync has not finished, which no index tells");
  bool complete = true;
  const auto files =
      walk_below(root_path_, directory, bookkeeping_, system_clock().now(), options_.warn,
                 [&](std::string_view at, int failure) {
                   complete = false;
                   options_.warn(cat("cannot read the directory ", escaped(cat(root_path_, "/", at)), ": ",
                                     std::strerror(failure), "; what is in it is left out"));
                 });
  for (const auto why : LeftOut::k_all)
    if (const auto remark = files.left_out.remark(why)) options_.warn(*remark);
  refused_ += complete ? 0 : 1;
  out_.reserve(out_.size() + files.rows.size());
  // The newest file gets the newest event.
  std::for_each(files.rows.rbegin(), files.rows.rend(), [&](const TreeFile& file) {
    out_.push_back({std::string(file.path()), EventType::new_, request.epoch});
  });
  options_.tell(cat(files.rows.size(), " files below ", recentd::quoted(directory),
                    options_.dry_run ? " would become new" : " are new"));
}

void UpdatePaths::expand_delete(const UpdateRequest& request, const RequestPaths::Meant& meant) {
  if (!index_ || (!meant.spelled && !meant.real)) return out_.push_back(request);
  const bool known = meant.spelled && add_known(request, *meant.spelled);
  if (!meant.real) {
    if (!known) refuse(request.path, meant.why_not);
    return;
  }
  if (meant.real == meant.spelled) {
    if (!known) out_.push_back(request);
    return;
  }
  // A directory that gave way to a link: what the link leads to is another matter.
  if (known && look(*meant.real)) return;
  if (!add_known(request, *meant.real) && !known)
    out_.push_back({std::string(*meant.real), request.type, request.epoch});
}

bool UpdatePaths::add_known(const UpdateRequest& request, std::string_view path) {
  const bool itself = index_->is_present(path);
  if (itself) out_.push_back({std::string(path), request.type, request.epoch});
  const auto below = index_->below(path);
  if (below.empty()) return itself;
  out_.reserve(out_.size() + below.size());
  for (const auto one : below) out_.push_back({std::string(one), request.type, request.epoch});
  options_.tell(cat(below.size(), " files below ", recentd::quoted(path),
                    options_.dry_run ? " would be deleted from the index" : " are deleted from the index"));
  remark_on_rest(path, below);
  return true;
}

// The caller's word counts, but he should know what mirrors will lose.
void UpdatePaths::remark_on_rest(std::string_view directory, const std::vector<std::string_view>& paths) {
  const auto facts = look(directory);
  if (!facts || facts->type != sys::FileType::directory) return;
  const auto rest =
      std::ranges::count_if(paths, [&](std::string_view path) { return look(path).has_value(); });
  if (rest == 0) return;
  options_.warn(cat(rest, " of them are on disk still, and mirrors lose them all the same; `recentd update ",
                    shell_word(root_path_), " --new ", shell_word(directory), "` takes that back"));
}

std::optional<sys::FileFacts> UpdatePaths::look(std::string_view path) {
  const auto parsed = RelPath::parse(path, bookkeeping_);
  return parsed ? disk_.lstat(*parsed) : std::nullopt;
}

void UpdatePaths::refuse(const std::string& path, const std::string& why) {
  ++refused_;
  options_.warn(cat(recentd::quoted(path), " is left out: ", why));
}

}  // namespace recentd::cli
