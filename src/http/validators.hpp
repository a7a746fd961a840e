#pragma once

#include <chrono>
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
  using Now = std::chrono::steady_clock::time_point;
  struct Conditions {
    std::vector<std::string> headers;       // of a conditional request; none: ask without
    std::optional<std::int64_t> time = {};  // that the server told of the version
  };
  // For a name, if what lies here is still what was noted, less than a day ago: a server that gives two
  // versions the same words is not believed for ever.
  [[nodiscard]] Conditions conditions(const std::string& name, const std::optional<sys::FileFacts>& here,
                                      Now now = std::chrono::steady_clock::now()) const;
  // This answer brought what lies here now. Nothing is noted where the same words might stand for a later
  // version, too.
  void note(const std::string& name, const Head& answer, const std::optional<sys::FileFacts>& here,
            Now now = std::chrono::steady_clock::now());

  // A look at the name had this answer; then, that what lies here now is what it was of.
  void note_seen(const std::string& name, const Head& answer);
  void confirm(const std::string& name, const std::optional<sys::FileFacts>& here,
               Now now = std::chrono::steady_clock::now());

 private:
  struct Known {
    sys::FileFacts facts;
    std::string etag;
    std::optional<std::int64_t> modified;
    Now since;
  };
  mutable std::mutex mutex_;
  std::map<std::string, Known> versions_;
  std::map<std::string, Head> seen_;
};

}  // namespace recentd::http
