#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <recentd/path.hpp>

#include "sys/tree/dir.hpp"
#include "target/transfer_journal.hpp"
#include "transport/transport.hpp"

namespace recentd::mirror {

// What one call may take; as in transport::FetchRequest.
struct FetchLimits {
  std::uint64_t bytes_per_s = 0, max_file_bytes = 0;
  std::optional<std::chrono::nanoseconds> time_limit = {};
};

struct FetchedPaths {
  std::uint64_t transferred = 0, unchanged = 0;
  std::vector<std::string> arrived = {};                          // or the same already
  std::vector<std::string> came = {};                             // of these, what was transferred
  std::vector<std::pair<std::string, std::string>> missing = {};  // path and reason
  std::optional<transport::Problem> problem = {};                 // the connection broke
};

// Brings just these paths into the target, in one connection, no index involved. Throws Error{refused} for a
// path that is no content.
FetchedPaths fetch_paths(const std::vector<std::string>& paths, const sys::Dir& target,
                         const Bookkeeping& bookkeeping, transport::Transport& transport,
                         target::TransferJournal& journal, const FetchLimits& limits = {});

}  // namespace recentd::mirror
