#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include <recentd/path.hpp>

#include "sys/tree/dir.hpp"

namespace recentd::target {

// What has to be done to a name of a generation, so that it shows what the target has. Pure.

// How a regular file comes into a generation.
enum class ByWhat : std::uint8_t { link, reflink, copy };

enum class TwinDeed : std::uint8_t {
  leave,
  remove,     // what is there
  file,       // remove what is there, and make it of the target's file
  symlink,    // likewise of its link
  directory,  // likewise, with all that is in it
  compare,    // both are links, or copies of equal size and time: their content says whether to leave it
};

struct TwinRules {
  ByWhat by = ByWhat::link;
  bool changed = false;  // the target's may have changed, so that equal size and time of a copy say nothing
  bool index = false;    // it may be rewritten within one second, so that they say little at any time
};

// `wanted`: of the target; nothing if it has none. `there`: of the generation.
TwinDeed twin_deed(const std::optional<sys::FileFacts>& wanted, const std::optional<sys::FileFacts>& there,
                   const TwinRules& rules) noexcept;

// Whether a name of the target's root is for readers: not the mirror's own place, nor what a writer of the
// index needs for a moment.
bool is_for_readers(std::string_view name, const Bookkeeping& bookkeeping) noexcept;

}  // namespace recentd::target
