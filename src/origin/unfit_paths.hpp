#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace recentd {

// Counts paths that Perl's clients cannot fetch, as they ask rsync for lines: those with a line feed or a
// carriage return, and those that begin with # or ;. Other mirrors get them. Value type; not for use from two
// threads.
class UnfitPaths {
 public:
  void note(std::string_view path);
  void add(const UnfitPaths& others);
  // What an operator should know; nothing if there was none.
  [[nodiscard]] std::optional<std::string> remark() const;

  // `fit`: how many bytes at its beginning are known to be fit.
  static bool is_unfit(std::string_view path, std::size_t fit = 0) noexcept;

 private:
  std::size_t count_ = 0;
  std::string example_;
};

}  // namespace recentd
