#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "sys/tree/dir.hpp"

namespace recentd::watch {

// Which names of the tree belong to one file: what is written under one of them is news of the others, and
// the kernel tells only of that one. Only files with several names are kept. Pure. Not for use from two
// threads.
class Links {
 public:
  using File = std::pair<std::uint64_t, std::uint64_t>;  // device and inode
  static File file_of(const sys::FileFacts& facts) noexcept { return {facts.device, facts.inode}; }

  // What lies under a path now; nothing to be kept if it is no regular file with several names.
  void note(const std::string& path, const sys::FileFacts& facts);
  void forget(const std::string& path);
  // The other names of the file at that path, as far as they are known.
  [[nodiscard]] std::vector<std::string> others(const std::string& path) const;

  // Whether the file at that path has names that nobody has looked for: it had one alone when it was seen.
  [[nodiscard]] bool lacks_names(const std::string& path, const sys::FileFacts& facts) const;
  // All of the tree's names of the file are noted; the rest lie elsewhere.
  void complete(File file, std::uint32_t links);

  [[nodiscard]] std::size_t size() const noexcept { return by_path_.size(); }
  // Whether there were more names than are kept.
  [[nodiscard]] bool overflowed() const noexcept { return overflowed_; }

  static constexpr std::size_t k_names_max = 200'000;

 private:
  struct Names {
    std::set<std::string> paths;
    std::uint32_t elsewhere = 0;  // names that are not in the tree, by the last search
  };
  std::map<File, Names> files_;
  std::map<std::string, File, std::less<>> by_path_;
  bool overflowed_ = false;
};

}  // namespace recentd::watch
