#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace recentd {

// How much of what is written must survive a power cut. A killed process costs nothing with any of them.
// For writers see recentfile(5), Writing a file; for mirrors recentd-mirror(7), Durability, and CRASHES
// there.
enum class Fsync : std::uint8_t {
  full,  // files and their directory entries: nothing that counts as done is lost
  data,  // the files' data alone: an index file is whole, but may be the one before
  none,  // nothing; after another start of the machine a mirror checks all again
};

// "full", "data" or "none"; nothing for other text. Never throws.
std::optional<Fsync> parse_fsync(std::string_view text) noexcept;
// The word that parse_fsync() takes; static text.
std::string_view fsync_text(Fsync fsync) noexcept;

}  // namespace recentd
