#pragma once

#include <optional>
#include <string>
#include <vector>

#include "transport/transport.hpp"
#include "upstream/index_cache.hpp"
#include "upstream/source.hpp"

namespace recentd::upstream {

// Looks at the principals of upstreams that are not followed at the moment, without touching anything that
// the mirror works with. One connection for each look, two where the principal's name is not known yet.
class Probe {
 public:
  struct Result {
    std::optional<LevelFacts> facts;            // of a valid principal
    std::optional<transport::Problem> problem;  // the connection failed
    std::string message;                        // why there is no valid principal
    std::string file = {};                      // the copy, until the next look
  };

  // `directory` is for its own use; `copies` holds the mirror's copies, from which transfers start; `allowed`
  // and `bytes_max` as for IndexCache.
  Probe(std::string directory, std::string copies, std::vector<std::string> allowed = {},
        std::uint64_t bytes_max = ConnectOptions{}.max_index_size)
      : directory_(std::move(directory)),
        copies_(std::move(copies)),
        allowed_(std::move(allowed)),
        bytes_max_(bytes_max) {}

  // `principal`: the file's name as far as it is known, or empty. Throws Error{io} for the local side.
  Result look(transport::Transport& upstream, const SourceSpec& source, const std::string& principal);

 private:
  std::string directory_, copies_;
  std::vector<std::string> allowed_;
  std::uint64_t bytes_max_;
};

}  // namespace recentd::upstream
