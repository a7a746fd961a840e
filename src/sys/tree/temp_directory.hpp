#pragma once

#include <string>

namespace recentd::sys {

// A new, empty directory of mode 0700, which goes away with all that is in it.
class TempDirectory {
 public:
  // Its path is the prefix and six letters or digits that make it new. Throws Error{io}.
  explicit TempDirectory(const std::string& prefix);
  ~TempDirectory();
  TempDirectory(const TempDirectory&) = delete;
  TempDirectory& operator=(const TempDirectory&) = delete;
  [[nodiscard]] const std::string& path() const noexcept { return path_; }

 private:
  std::string path_;
};

// Where temporary files belong: $TMPDIR, or /tmp.
std::string temp_place();

}  // namespace recentd::sys
