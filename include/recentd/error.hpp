#pragma once

#include <stdexcept>
#include <string>

namespace recentd {

// What went wrong, from the caller's point of view: what to do about it differs. Each kind has its own exit
// code, see recentd(1), EXIT STATUS.
enum class Kind {
  internal,    // a bug in recentd
  usage,       // the command line or the call's arguments
  config,      // a configuration file
  missing,     // a source, index or root that is not there
  corrupt,     // bytes that do not parse, or a newer protocol; they are left as they are
  locked,      // somebody else holds the lock; the message names him
  transport,   // rsync, the network, authentication
  io,          // the local file system
  refused,     // a guard said no: outside the tree, too many deletes, a mirror's target
  incomplete,  // the work ended before everything was done
};

// The exit code of `recentd` for an error of this kind: 1 to 9, usage and config share 2.
int exit_code(Kind kind) noexcept;

// The one exception type of recentd; what else comes, such as std::bad_alloc, is the library's. Comments
// write Error{locked} for one of that kind. what() is a single line for the user that says what failed, on
// which file, why, and what to do next; control bytes of file names are escaped as \xHH.
//
//   try {
//     Origin::open("/srv/pub").update({.path = "dists/a"});
//   } catch (const recentd::Error& error) {
//     if (error.kind() == recentd::Kind::locked) ...  // try again later; else tell error.what()
//   }
class Error : public std::runtime_error {
 public:
  // path: the file concerned, as the user would spell it; errno_value: appended to what() as text if not 0.
  Error(Kind kind, const std::string& message, std::string path = {}, int errno_value = 0);

  [[nodiscard]] Kind kind() const noexcept { return kind_; }
  // Raw bytes; empty if it is about no single file.
  [[nodiscard]] const std::string& path() const noexcept { return path_; }
  // The system call's errno; 0 if none failed.
  [[nodiscard]] int errno_value() const noexcept { return errno_; }

 private:
  Kind kind_;
  std::string path_;
  int errno_;
};

}  // namespace recentd
