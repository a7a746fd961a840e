#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "sys/fd.hpp"

namespace recentd::sys {

// The kernel's reports about single directories (inotify(7)). add() and remove() from any thread.
class Inotify {
 public:
  // Throws Error{io} without descriptors or instances.
  Inotify();

  [[nodiscard]] int fd() const noexcept { return fd_.get(); }  // readable when there is something

  // Watches a directory, never through a link as its last name, for names that come, go and are closed after
  // writing. Returns its number, the same one if it is watched already; nothing on failure, with errno set.
  [[nodiscard]] std::optional<int> add(const std::string& directory) const noexcept;
  void remove(int watch) const noexcept;

  // Appends what the kernel has in store, not waiting; false if that is nothing. Throws Error{io}.
  bool read(std::string& raw) const;

  struct Report {
    int watch;              // -1: of no directory
    std::uint32_t mask;     // IN_*
    std::string_view name;  // in the directory; empty: itself
  };
  // Takes apart what read() appended.
  static void parse(std::string_view raw, const std::function<void(const Report&)>& take);

  // How many directories all programs of a user may watch; nothing if the kernel does not say.
  static std::optional<std::uint64_t> watch_limit();

 private:
  Fd fd_;
};

}  // namespace recentd::sys
