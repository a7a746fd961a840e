#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include <recentd/epoch.hpp>

namespace recentd::target {

// An operator's word that the deletes which a target holds back are right, left for the mirror that has the
// target's lock: a small file in its private directory. It names the newest delete that was held back when
// the word was given; later ones are not meant. No lock is needed on either side.
class DeleteApproval {
 public:
  explicit DeleteApproval(const std::string& private_directory) : file_(private_directory + "/accepted") {}

  // The operator's side: leaves the word for what the saved state holds back. Returns how many deletes these
  // are; nothing is left for none. Throws Error{io, corrupt}.
  [[nodiscard]] static std::size_t leave(const std::string& private_directory);

  // The mirror's side: the newest delete that is accepted, if the word was left.
  [[nodiscard]] std::optional<Epoch> read() const;
  void forget() const;

 private:
  std::string file_;
};

}  // namespace recentd::target
