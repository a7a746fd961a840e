#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace recentd::mirror {

// Decides which of many equal troubles are worth a line: each kind the 1st, 2nd, 4th, 8th ... time in a row.
// Two messages are of one kind if they differ in numbers and quoted names alone. Pure; bounded memory.
class TroubleLog {
 public:
  // Notes one. The line to write now, with its count from the second time on; or nothing.
  std::optional<std::string> note(std::string_view message);
  // All is well again: the line to write if anything had been noted.
  std::optional<std::string> over();
  // Troubles in a row.
  [[nodiscard]] std::uint64_t count() const noexcept { return total_; }

 private:
  std::map<std::string, std::uint64_t, std::less<>> counts_;  // by kind
  std::uint64_t total_ = 0;
};

}  // namespace recentd::mirror
