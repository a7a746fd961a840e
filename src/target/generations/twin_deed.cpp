#include "target/generations/twin_deed.hpp"

#include "base/place.hpp"

namespace recentd::target {

using sys::FileType;

TwinDeed twin_deed(const std::optional<sys::FileFacts>& wanted, const std::optional<sys::FileFacts>& there,
                   const TwinRules& rules) noexcept {
  // Devices and the like never come with a transfer.
  if (!wanted || wanted->type == FileType::other) return there ? TwinDeed::remove : TwinDeed::leave;
  const bool same_type = there && there->type == wanted->type;
  if (wanted->type == FileType::directory) return same_type ? TwinDeed::leave : TwinDeed::directory;
  if (wanted->type == FileType::symlink) return same_type ? TwinDeed::compare : TwinDeed::symlink;
  if (!same_type) return TwinDeed::file;
  const bool same_file = there->inode == wanted->inode && there->device == wanted->device;
  if (rules.by == ByWhat::link) return same_file ? TwinDeed::leave : TwinDeed::file;
  // A copy must be one.
  if (same_file || rules.changed) return TwinDeed::file;
  const bool looks_same = there->size_bytes == wanted->size_bytes && there->mtime_s == wanted->mtime_s &&
                          there->mtime_ns == wanted->mtime_ns && there->mode == wanted->mode;
  if (!looks_same) return TwinDeed::file;
  return rules.index ? TwinDeed::compare : TwinDeed::leave;
}

bool is_for_readers(std::string_view name, const Bookkeeping& bookkeeping) noexcept {
  if (name == k_private_name) return false;
  if (!bookkeeping.owns(name)) return true;
  if (name.ends_with(".lock") || name.ends_with(".new") || name.starts_with(".FRMRecent-")) return false;
  // ROOT.recent is the link, ROOT.recent.PID one that is being made.
  const std::string_view root = bookkeeping.filenameroot();
  constexpr std::string_view k_link = ".recent.";
  return !(name.size() > root.size() && name.starts_with(root) &&
           name.substr(root.size()).starts_with(k_link));
}

}  // namespace recentd::target
