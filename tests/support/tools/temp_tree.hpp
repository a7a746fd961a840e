#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace recentd::test {

// A directory of its own for one test case, below $TMPDIR. Removed at the end, but kept (its place is
// printed) when the case failed. Not for use from two threads. All functions throw std::runtime_error on
// failure; paths are relative to the directory, missing parents are made.
class TempTree {
 public:
  explicit TempTree(std::string_view label = "tree");
  TempTree(const TempTree&) = delete;
  TempTree& operator=(const TempTree&) = delete;
  ~TempTree();

  // Absolute, without trailing slash.
  [[nodiscard]] const std::string& path() const noexcept { return path_; }
  [[nodiscard]] std::string path(std::string_view relative) const;

  // Makes the file or replaces its content in place; returns its absolute path.
  std::string write(std::string_view relative, std::string_view content) const;
  std::string make_directory(std::string_view relative) const;
  void make_link(std::string_view relative, std::string_view target) const;
  // Removes a file, a link, or a directory with all below it. Nothing happens if it is not there.
  void remove(std::string_view relative) const;
  // Sets the time of a file or link (not followed).
  void set_mtime(std::string_view relative, std::int64_t seconds, long nanoseconds = 0) const;

  // A file's bytes, nothing if it is not there; a link's text likewise.
  [[nodiscard]] std::optional<std::string> read(std::string_view relative) const;
  [[nodiscard]] std::optional<std::string> link(std::string_view relative) const;
  // True if the name exists, links not followed.
  [[nodiscard]] bool exists(std::string_view relative) const;
  // All names below a directory, sorted; directories end in '/'.
  [[nodiscard]] std::vector<std::string> list(std::string_view relative = "") const;

 private:
  std::string path_;
  int exceptions_;
};

// True once a check of the running test case has failed.
bool case_failed() noexcept;

// A file's bytes by absolute path, nothing if it is not there.
std::optional<std::string> read_file(const std::string& path);

// What two trees do not have in common, one line per name (empty: equal): files and links by type, bytes,
// link text and file mtime. Directories by themselves do not count (empty ones are not mirrored), nor do the
// bookkeeping names in the roots (RECENT-*, RECENT.recent*, RECENT.http, .FRMRecent-*, .recentd).
std::vector<std::string> differences(const std::string& left, const std::string& right);

}  // namespace recentd::test
