#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "sys/tree/dir.hpp"

namespace recentd::transport {

// Directories that hand down their group, or let only owners remove names, are the operator's doing, and stay
// so whatever modes rsync gives them: recentd-mirror(7), Modes.
class InheritedBits {
 public:
  // Notes these bits of the directories above the names that are below the destination now. Throws Error{io}.
  InheritedBits(const std::vector<std::string>& names, const std::string& destination);

  // What rsync's --chmod needs besides, so that files that arrive in such a directory get its group.
  [[nodiscard]] const char* rule() const noexcept { return hands_down_ ? ",Dg+s" : ""; }
  // Once rsync is through: what has them has them still, new directories have what they would have inherited,
  // and no other has any. What cannot be set is left.
  void restore() const;

 private:
  [[nodiscard]] unsigned wanted(const std::string& directory) const;

  std::optional<sys::Dir> destination_;                    // nothing: it is not there
  std::map<std::string, std::optional<unsigned>> before_;  // by directory, parents first; nothing: not there
  bool hands_down_ = false, any_ = false;
};

}  // namespace recentd::transport
