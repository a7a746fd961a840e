#include "support/snapshot.hpp"

#include <filesystem>

#include <sys/stat.h>

#include "support/tools/temp_tree.hpp"

namespace fs = std::filesystem;

namespace recentd::test {

namespace {

std::string text_of(const timespec& time) {
  return std::to_string(time.tv_sec) + "." + std::to_string(time.tv_nsec);
}

const char* difference(const NameFacts& a, const NameFacts& b) {
  if (a.mode != b.mode) return "mode of ";
  if (a.inode != b.inode) return "inode of ";
  if (a.bytes != b.bytes) return "bytes of ";
  return a.mtime != b.mtime || a.ctime != b.ctime ? "time of " : nullptr;
}

}  // namespace

Snapshot snapshot(const std::string& directory) {
  Snapshot all;
  for (const auto& entry : fs::recursive_directory_iterator(directory)) {
    const auto& path = entry.path();
    struct stat facts {};
    if (::lstat(path.c_str(), &facts) != 0) continue;  // gone while we look
    auto& name = all[path.string().substr(directory.size() + 1)];
    name.mode = facts.st_mode;
    name.inode = facts.st_ino;
    if (S_ISDIR(facts.st_mode)) continue;
    name.mtime = text_of(facts.st_mtim);
    name.ctime = text_of(facts.st_ctim);
    if (S_ISREG(facts.st_mode)) name.bytes = read_file(path.string()).value_or("");
    if (S_ISLNK(facts.st_mode)) name.bytes = fs::read_symlink(path).string();
  }
  return all;
}

std::string changes(const Snapshot& before, const Snapshot& after) {
  std::string lines;
  for (const auto& [name, facts] : before) {
    const auto found = after.find(name);
    if (found == after.end())
      lines += "gone: " + name + "\n";
    else if (const char* what = difference(facts, found->second))
      lines += what + name + " changed\n";
  }
  for (const auto& [name, facts] : after)
    if (!before.contains(name)) lines += "came: " + name + "\n";
  return lines;
}

}  // namespace recentd::test
