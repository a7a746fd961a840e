#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "http/response.hpp"
#include "sys/tree/dir.hpp"

namespace recentd::http {

// What the server called the versions of the index files that lie here, so that it need not send them again.
// In memory alone: a process that begins fetches each once. Safe from any thread.
class Validators {
 public:
  // The headers of a conditional request for a name, if what lies here is still what was noted.
  [[nodiscard]] std::vector<std::string> conditions(const std::string& name,
                                                    const std::optional<sys::FileFacts>& here) const;
  // This answer brought what lies here now. Nothing is noted where the same words might stand for a later
  // version, too.
  void note(const std::string& name, const Head& answer, const std::optional<sys::FileFacts>& here);

 private:
  struct Version {
    sys::FileFacts facts;
    std::string etag;
    std::optional<std::int64_t> modified;
  };
  mutable std::mutex mutex_;
  std::map<std::string, Version> versions_;
};

}  // namespace recentd::http
