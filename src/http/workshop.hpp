#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>

#include "http/response.hpp"
#include "sys/tree/dir.hpp"

namespace recentd::http {

// A private directory in which files are put together before they get their names. What arrived in part of a
// large file stays there, with a note of what it is, so that another fetch goes on with it, one of a process
// that comes later, too. Safe from any thread; only one process uses it at a time.
class Workshop {
 public:
  // Makes it if it is not there, and clears away what nobody can go on with, or has for days. `boot_id` names
  // this boot of the machine: what was written before it went down may not be what was received. Throws
  // Error{io}.
  Workshop(const std::string& directory, std::string boot_id);
  Workshop(const Workshop&) = delete;
  Workshop& operator=(const Workshop&) = delete;

  [[nodiscard]] const sys::Dir& directory() const noexcept { return directory_; }
  [[nodiscard]] std::string path(const std::string& name) const { return directory_.path() + "/" + name; }
  // A name in it that nobody has.
  std::string fresh();
  // Takes a name away that is no longer needed.
  void discard(const std::string& name) noexcept;

  // The first bytes of what a URL leads to.
  struct Part {
    std::string name;         // of the file
    std::uint64_t total = 0;  // bytes that it will have
    Version version;          // what the server called it
    std::uint64_t bytes = 0;  // that are here
  };
  // The part of a URL's file that is here, now the caller's until release(); nothing if there is none, or if
  // somebody has it.
  std::optional<Part> take(const std::string& url);
  // A name for a new part, with its note; the caller's until release(). Nothing if somebody has it. Throws
  // Error{io}.
  std::optional<std::string> begin(const std::string& url, std::uint64_t total, const Version& version);
  // The caller has done with it: it stays for the next one, if its file is still there.
  void release(const std::string& name);

 private:
  enum class Sweep : std::uint8_t { all, parts };
  void sweep(Sweep what);
  [[nodiscard]] std::optional<Part> read_note(const std::string& url, const std::string& name) const;

  sys::Dir directory_;
  std::string boot_id_;
  std::mutex mutex_;
  std::set<std::string, std::less<>> parts_, taken_;  // names of parts that are here, and that somebody has
  std::chrono::steady_clock::time_point swept_;
  std::uint64_t last_ = 0;
};

// Where a workshop comes from that is made when it is needed. May be empty; throws Error{io}.
using WorkshopSource = std::function<std::shared_ptr<Workshop>()>;

}  // namespace recentd::http
