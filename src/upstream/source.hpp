#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <recentd/mirror_options.hpp>

namespace recentd::upstream {

// A SOURCE as the user writes it, taken apart into the directory and, if it ends with one, the name of the
// index.
struct SourceSpec {
  std::string directory;             // what a transport is given, with the password if there is one
  std::optional<std::string> index;  // "RECENT.recent", "RECENT-6h.yaml"; nothing: the directory's own
  std::string text;                  // as the user wrote it, but for a password; to be shown
};

// The last component counts as an index if it ends with `.recent` or is a level's file name of a readable
// format.
SourceSpec split_source(std::string_view source);

// All sources of a mirror, the one that is named first in front. Throws Error{usage} if one directory is
// given twice: it would be its own stand-in.
std::vector<SourceSpec> split_sources(const MirrorOptions& options);

// True if the name is ROOT.recent for some ROOT.
bool is_link_name(std::string_view name) noexcept;

}  // namespace recentd::upstream
