#include "origin/init_marker.hpp"

#include "base/text.hpp"
#include "recentfile/names.hpp"
#include "sys/file/atomic_file.hpp"
#include "sys/file/bytes.hpp"
#include "sys/tree/dir.hpp"

namespace recentd {

namespace {

std::string marker_path(const std::string& root, const std::string& filenameroot) {
  return cat(root, "/", init_name(filenameroot));
}

// The level files that the marker names. What stands there decides what is removed, so nothing else counts.
std::vector<std::string> marked_files(const std::string& root, const std::string& filenameroot) {
  std::vector<std::string> files;
  const std::string path = marker_path(root, filenameroot);
  const auto facts = sys::lstat_path(path);
  if (!facts || facts->type != sys::FileType::regular) return files;
  const auto bytes = sys::read_file(path);
  for (const std::string_view line : split(bytes->view(), '\n')) {
    const auto level = split_level_name(line);
    if (level && level->filenameroot == filenameroot && level->file() == line) files.emplace_back(line);
  }
  return files;
}

}  // namespace

std::vector<std::string> rest_of_init(const std::string& root, const std::string& filenameroot) {
  const std::vector<std::string> files = marked_files(root, filenameroot);
  std::vector<std::string> rest;
  const std::string link = link_name(filenameroot);
  const auto target = sys::read_link(cat(root, "/", link));
  if (target && !files.empty() && *target == files.back()) rest.push_back(link);
  const auto add = [&](const std::string& name) {
    const auto facts = sys::lstat_path(cat(root, "/", name));
    if (facts && facts->type == sys::FileType::regular) rest.push_back(name);
  };
  for (const std::string& file : files) {
    add(file);
    add(temp_name(file));
  }
  return rest;
}

void remove_rest(const std::string& root, const std::vector<std::string>& rest) {
  for (const std::string& name : rest) sys::unlink_file(cat(root, "/", name));
}

void put_marker(const std::string& root, const std::string& filenameroot,
                const std::vector<std::string>& files, Fsync fsync) {
  const std::string path = marker_path(root, filenameroot);
  sys::AtomicFile marker(path, temp_name(path), fsync);
  for (const std::string& file : files) marker.write(file + "\n");
  marker.commit();
}

void remove_marker(const std::string& root, const std::string& filenameroot, Fsync fsync) {
  sys::unlink_file(marker_path(root, filenameroot));
  if (fsync != Fsync::none) sys::sync_directory(root);
}

}  // namespace recentd
