#pragma once

#include <string>

namespace recentd::audit {

// A directory for fetched index files that goes away with all that is in it.
class Scratch {
 public:
  // Throws Error{io}.
  Scratch();
  ~Scratch();
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  [[nodiscard]] const std::string& path() const noexcept { return path_; }

 private:
  std::string path_;
};

}  // namespace recentd::audit
