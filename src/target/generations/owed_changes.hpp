#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace recentd::target {

// What a target's published set is kept in; recentd-mirror(7), WHOLE SETS.
enum class Generation : unsigned char { one, two };
inline constexpr std::array k_generations = {Generation::one, Generation::two};
constexpr Generation other(Generation each) noexcept {
  return each == Generation::one ? Generation::two : Generation::one;
}

// Which paths of a target changed since each of its generations was last equal to it: a file for each in the
// private directory, which a path is appended to before it changes. What is not surely known, as the machine
// went down or the file was cut, is unknown, and found by a walk. The caller holds the target's lock.
class OwedChanges {
 public:
  OwedChanges(const std::string& private_directory, std::string boot_id)
      : directory_(private_directory + "/generations"), boot_id_(std::move(boot_id)) {}

  // These paths are about to change. Costs nothing where no generation is kept. Throws Error{io} if not even
  // that it is unknown can be noted.
  void note(const std::vector<std::string>& paths) const;
  void note(std::string_view path) const;
  // All may be about to change.
  void note_all() const;

  // From now on nothing is owed to a generation, which lies in the directory of that identity. Throws
  // Error{io}.
  void begin(Generation generation, const std::string& identity) const;
  // The paths, sorted, each once; nothing if they are unknown. Throws Error{io}.
  [[nodiscard]] std::optional<std::vector<std::string>> of(Generation generation,
                                                           const std::string& identity) const;

  [[nodiscard]] const std::string& directory() const noexcept { return directory_; }

 private:
  [[nodiscard]] std::string file_of(Generation generation) const;
  [[nodiscard]] std::string head(const std::string& identity) const;
  void append(const std::string& text) const;

  std::string directory_;
  std::string boot_id_;
};

}  // namespace recentd::target
