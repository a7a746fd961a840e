#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "sys/fd.hpp"
#include "sys/notify/change.hpp"

namespace recentd::sys {

// The kernel's reports about single directories (inotify(7)). add() and remove() from any thread.
class Inotify {
 public:
  // Throws Error{io} without descriptors or instances.
  Inotify();

  [[nodiscard]] int fd() const noexcept { return fd_.get(); }  // readable when there is something

  // Watches a directory, never through a link as its last name, for names that come, go and are closed after
  // writing.
  struct Added {
    int watch = -1;   // its number, the same one if it is watched already
    int failure = 0;  // the errno if it cannot be watched
  };
  [[nodiscard]] Added add(const std::string& directory) const;
  void remove(int watch) const noexcept;

  // Appends what the kernel has in store, not waiting; false if that is nothing. Throws Error{io}.
  bool read(std::string& raw) const;

  struct Report {
    int watch = -1;             // -1: of no directory
    std::string_view name;      // in the directory; empty: itself
    Change change;              // of that name
    bool self_removed = false;  // the directory itself was
    bool unmounted = false;     // its file system was
    bool unwatched = false;     // there will be no more reports about it
    bool lost = false;          // the kernel's queue was full
  };
  // Takes apart what read() appended.
  static void parse(std::string_view raw, const std::function<void(const Report&)>& take);

  // How many directories all programs of a user may watch; nothing if the kernel does not say.
  static std::optional<std::uint64_t> watch_limit();

 private:
  Fd fd_;
};

}  // namespace recentd::sys
