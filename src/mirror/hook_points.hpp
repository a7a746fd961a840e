#pragma once

#include <string_view>

namespace recentd::mirror {

// What a pass tells the operator's commands (see follow/hooks.hpp). The default does nothing. Called from the
// mirror's thread; never throws.
class HookPoints {
 public:
  virtual ~HookPoints() = default;
  // A file's content came over the network; a file is gone; an index became visible.
  virtual void arrived(std::string_view /*interval*/, std::string_view /*path*/) {}
  virtual void removed(std::string_view /*path*/) {}
  virtual void published(std::string_view /*file*/) {}
  // A batch, a round of deletes, a round of index files is through.
  virtual void batch_ended() {}
  virtual void deletes_ended() {}
  virtual void publishing_ended() {}
  // Something needs the operator.
  virtual void trouble(std::string_view /*message*/) {}
};

}  // namespace recentd::mirror
