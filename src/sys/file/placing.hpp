#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "sys/tree/dir.hpp"

namespace recentd::sys {

// What becomes of the permissions (0777) that a file or a new directory would have; empty: nothing.
using Modes = std::function<unsigned(unsigned mode, bool directory)>;

// Gives files and links that were made in a workshop their names below a root, in one step each, so that
// readers see what was there before or the whole new file; quickest where those of one directory follow each
// other. No link is followed on the way. Not for use from two threads.
class Placing {
 public:
  // Both must outlive it. Best on one file system; on another one, and where a directory hands its group or
  // an access list down, the file is copied into the directory first, as `.NAME.XXXXXX`.
  Placing(const Dir& workshop, const Dir& root, Modes modes = {})
      : workshop_(workshop), root_(root), modes_(std::move(modes)) {}

  enum class Result : std::uint8_t {
    placed,
    in_the_way,  // a directory that is not empty has the name
    failed,      // see why()
  };
  // Places the file or link `made` of the workshop, which is gone from there if that succeeds. A file that it
  // replaces hands its mode on, an empty directory gives way, and so does a file or
  // link where one of the path's directories has to be. Parents that are missing are made.
  Result place(const std::string& made, const RelPath& path);
  // The errno of the last failure.
  [[nodiscard]] int why() const noexcept { return why_; }

 private:
  bool enter(std::string_view parent);
  bool make_parents(std::string_view directory);
  Result moved(const std::string& made, const std::string& name);
  Result copied(const std::string& made, const std::string& name);
  Result failed(int why) noexcept;
  void set_mode(int directory, const std::string& made, const std::string& name) const;

  const Dir& workshop_;
  const Dir& root_;
  Modes modes_;
  bool entered_ = false, by_copy_ = false;
  std::string parent_;  // of the path placed last
  Fd parent_fd_;
  int why_ = 0;
};

}  // namespace recentd::sys
