#pragma once

#include <optional>
#include <string>

#include <recentd/fsync.hpp>

#include "sys/tree/dir.hpp"
#include "target/generations/owed_changes.hpp"

namespace recentd::target {

// Where a target's sets are published: LINK, which readers follow, and beside it a directory of its two
// generations, named after LINK and marked as the target's. Readers may enter it, and not list it.
class PublishPlace {
 public:
  // Makes the directory. `one_device`: the generations have to lie on the target's file system. Throws Error:
  // refused (LINK is something else than such a link; it lies in the target, or the target in the directory;
  // another target's; another file system), missing (LINK's directory), usage, io.
  PublishPlace(const std::string& link, const sys::Dir& target, bool one_device);

  [[nodiscard]] const std::string& link() const noexcept { return link_; }
  [[nodiscard]] std::string path(Generation generation) const;
  // Which one LINK leads to; nothing if there is no LINK. Throws Error{io} if it is something else by now.
  [[nodiscard]] std::optional<Generation> shown() const;
  // LINK leads to it from now on: one rename. Throws Error{io}.
  void show(Generation generation, Fsync fsync) const;

  // Opens a generation; nothing if it is not there.
  [[nodiscard]] std::optional<sys::Dir> open(Generation generation) const;
  // Makes it if it is not there.
  [[nodiscard]] sys::Dir make(Generation generation) const;

 private:
  void refuse_nesting(const sys::Dir& target) const;
  void claim(const sys::Dir& target) const;

  std::string link_;   // absolute, its directory without links
  std::string place_;  // of the generations
};

// The directory of the generations of a LINK.
std::string generations_beside(const std::string& link);
// What LINK says when it leads to a generation.
std::string link_text_for(const std::string& link, Generation generation);

}  // namespace recentd::target
