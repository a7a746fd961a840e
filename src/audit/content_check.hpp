#pragma once

#include <string>
#include <vector>

#include <recentd/clock.hpp>
#include <recentd/mirror_options.hpp>

#include "audit/index_view.hpp"
#include "sys/tree/dir.hpp"
#include "transport/comparer.hpp"

namespace recentd::audit {

// Holding files against another copy of the tree, some of them or all.
struct ContentCheck {
  std::string source;
  ConnectOptions connect;
  transport::Comparer::By by = transport::Comparer::By::size_and_time;
  std::uint32_t sample = 10000;  // so many of 10,000 files, other ones each time
};

// Those of the paths that differ from the source's, or all that the index names as present and that were seen
// on disk. What the source lacks does not count. Throws Error{transport, usage}.
std::vector<std::string> differing(const ContentCheck& check, const std::string& root, NewestEvents& table,
                                   Clock& clock);
std::vector<std::string> differing(const ContentCheck& check, const std::string& root,
                                   std::vector<std::string> paths, Clock& clock);

// Those of the paths, or of all that the index names as present and that were seen on disk, whose content has
// not the digest that their events record. What cannot be read, or changes meanwhile, does not count.
std::vector<std::string> misread(IndexView& view, const Bookkeeping& bookkeeping, const sys::Dir& root);
std::vector<std::string> misread(IndexView& view, const Bookkeeping& bookkeeping, const sys::Dir& root,
                                 std::vector<std::string> paths);

}  // namespace recentd::audit
