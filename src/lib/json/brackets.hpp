#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace recentd::json {

// Finds the brackets of a text that are not inside strings, 64 bytes at a time. One pass, no memory.
class Brackets {
 public:
  Brackets(std::string_view text, std::size_t begin) : text_(text), base_(begin) {}

  // The next bracket, any of {}[]. False at the end of the text, or when none was found up to about `until`.
  struct Found {
    std::size_t at;
    bool opens;
  };
  bool next(Found& found, std::size_t until = std::string_view::npos) {
    while (all_ == 0) {
      if (base_ > until || !load()) return false;
    }
    const auto bit = all_ & (~all_ + 1);
    found.at = base_ - k_block + static_cast<std::size_t>(__builtin_ctzll(all_));
    found.opens = (opens_ & bit) != 0;
    all_ ^= bit;
    return true;
  }
  // Behind what was looked at.
  [[nodiscard]] std::size_t position() const noexcept { return base_; }
  // True if the text ended inside a string.
  [[nodiscard]] bool in_string() const noexcept { return in_string_ != 0; }

 private:
  static constexpr std::size_t k_block = 64;
  bool load();
  std::uint64_t escaped(std::uint64_t backslashes);

  std::string_view text_;
  std::size_t base_;  // behind the block in hand
  std::uint64_t opens_ = 0, all_ = 0;
  std::uint64_t in_string_ = 0;  // all ones while the block before ended in a string
  bool escape_pending_ = false;
};

}  // namespace recentd::json
