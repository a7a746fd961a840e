#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "sys/tree/dir.hpp"
#include "watch/hint.hpp"

namespace recentd::watch {

// Where hints come from. read() belongs to a thread that does nothing else, so that the kernel's queue stays
// short; cover() may be called from several threads; all else belongs to the watcher.
class Source {
 public:
  virtual ~Source() = default;
  [[nodiscard]] virtual std::string_view name() const noexcept = 0;

  // Readable when read() has something.
  [[nodiscard]] virtual int fd() const noexcept = 0;
  // Appends what the kernel has in store; false if that is nothing.
  virtual bool read(std::string& raw) = 0;
  // Makes hints of what read() appended.
  virtual void translate(std::string_view raw, const TakeHint& take) = 0;

  // Has to know of a directory before it is listed ("": the root).
  virtual void cover(std::string_view directory) = 0;
  // Directories that cannot be covered, with all below them, and why: an errno, ENOSPC for want of watches.
  [[nodiscard]] virtual std::map<std::string, int> uncovered() const = 0;
  // Forgets what could not be covered; it is about to be tried again.
  virtual void forget_uncovered() = 0;
  // How many directories are covered, or ought to be; 0 if that makes no difference.
  [[nodiscard]] virtual std::uint64_t directories() const = 0;
};

std::unique_ptr<Source> inotify_source(const sys::Dir& root);
// Nothing if the kernel or our privileges do not allow it, with the reason in *why.
std::unique_ptr<Source> fanotify_source(const sys::Dir& root, std::string* why);

}  // namespace recentd::watch
