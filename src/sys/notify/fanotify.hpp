#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "sys/fd.hpp"
#include "sys/notify/change.hpp"
#include "sys/tree/dir.hpp"

namespace recentd::sys {

// The kernel's reports about a whole file system (fanotify(7), FAN_REPORT_DFID_NAME): one mark, however many
// directories there are. Needs CAP_SYS_ADMIN, CAP_DAC_READ_SEARCH and Linux 5.9.
class Fanotify {
 public:
  // Marks the file system of that directory; nothing if the kernel or our privileges do not allow it, with
  // the reason in *why. The directory must outlive the object.
  static std::optional<Fanotify> mark(const Dir& root, std::string* why);

  [[nodiscard]] int fd() const noexcept { return fd_.get(); }  // readable when there is something

  // Appends what the kernel has in store, not waiting; false if that is nothing. Throws Error{io}.
  bool read(std::string& raw) const;

  struct Report {
    bool lost = false;           // the kernel's queue was full
    Change change;               // several of one name may have become one
    std::string_view directory;  // the kernel's handle of it; empty: of no directory
    std::string_view name;       // in the directory; "." is itself
  };
  // Takes apart what read() appended.
  static void parse(std::string_view raw, const std::function<void(const Report&)>& take);

  // Where the directory with that handle is now, as an absolute path; nothing if it is gone, or out of reach.
  [[nodiscard]] std::optional<std::string> place_of(std::string_view handle) const;

 private:
  Fanotify(Fd fd, const Dir& root) : fd_(std::move(fd)), root_(&root) {}
  Fd fd_;
  const Dir* root_;
};

// Where an open directory is now; nothing if it was removed.
std::optional<std::string> place_of(int directory_fd);

}  // namespace recentd::sys
