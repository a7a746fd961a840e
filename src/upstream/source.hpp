#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace recentd::upstream {

// A SOURCE as the user writes it, taken apart into the directory and, if it ends with one, the name of the
// index.
struct SourceSpec {
  std::string directory;             // what a transport is given
  std::optional<std::string> index;  // "RECENT.recent", "RECENT-6h.yaml"; nothing: the directory's own
  std::string text;                  // as the user wrote it
};

// The last component counts as an index if it ends with `.recent` or is a level's file name of a readable
// format.
SourceSpec split_source(std::string_view source);

// True if the name is ROOT.recent for some ROOT.
bool is_link_name(std::string_view name) noexcept;

}  // namespace recentd::upstream
