#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sys/fd.hpp"
#include "sys/file/clone_file.hpp"
#include "sys/tree/dir.hpp"

namespace recentd::sys {

// One directory in two trees, of which the second is made to show what the first one has. Names are looked at
// in both, and made or removed in the second alone. Follows no link. Not for use from two threads.
class TwinDirectory {
 public:
  // Nothing if it is missing, or no directory, in either tree. "": the roots. Throws Error{io}.
  static std::optional<TwinDirectory> open(const Dir& from, const Dir& to, std::string_view directory);

  struct Entry {
    std::string name;
    FileType type;
    std::uint64_t inode;  // 0 where another file system is mounted
  };
  enum class Side : std::uint8_t { from, to };
  // Sorted by name. Throws Error{io}.
  [[nodiscard]] std::vector<Entry> list(Side side) const;
  // Nothing if there is none. Throws Error{io}.
  [[nodiscard]] std::optional<FileFacts> look(Side side, const std::string& name) const;
  // The text of a symbolic link; nothing if it is none.
  [[nodiscard]] std::optional<std::string> link_text(Side side, const std::string& name) const;
  // Whether both have a regular file of that name, with the same bytes. Throws Error{io}.
  [[nodiscard]] bool same_content(const std::string& name) const;
  // Whether both trees lie on one file system here.
  [[nodiscard]] bool on_one_device() const noexcept { return one_device_; }

  // Make what the first tree has under that name in the second, which has nothing there. Throw Error{io}.
  // `link`: another name of the same file; a copy where that cannot be, for a file of another user or one
  // that has too many names.
  void link(const std::string& name) const;
  void clone(const std::string& name, Clone how) const;
  void copy_link(const std::string& name) const;
  // An empty directory that nobody else may enter, until dress() was called in it.
  void make_directory(const std::string& name) const;
  // Removes whatever has the name in the second tree. Throws Error{io}.
  void remove(const std::string& name) const;
  // The second directory gets the first one's mode and time. Throws Error{io}.
  void dress() const;

 private:
  TwinDirectory(Fd from, Fd to, std::string from_path, std::string to_path);
  [[nodiscard]] int fd(Side side) const noexcept { return side == Side::from ? from_.get() : to_.get(); }
  [[nodiscard]] std::string full(Side side, const std::string& name) const;

  Fd from_, to_;
  std::string from_path_, to_path_;
  bool one_device_ = false;
};

}  // namespace recentd::sys
