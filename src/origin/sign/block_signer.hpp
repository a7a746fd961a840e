#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <recentd/error.hpp>
#include <recentd/path.hpp>

#include "delta/blocks/shelf.hpp"
#include "recentfile/store.hpp"
#include "sys/tree/dir.hpp"

namespace recentd {

// The newest epoch that an index file tells; nothing if it is not there, or tells of nothing.
std::optional<Epoch> newest_epoch(const LevelFile& file);

// Signs the large files that somebody registers: before that, as mirrors come at once; what the events are
// called is known only behind it. What goes wrong is told and stops nothing: whoever finds no signature
// fetches the file as a whole.
class BlockSigner {
 public:
  BlockSigner(std::string root, const std::string& filenameroot, std::uint64_t bytes_min,
              std::function<void(const std::string&)> warn);
  BlockSigner(const BlockSigner&) = delete;
  BlockSigner& operator=(const BlockSigner&) = delete;

  // What is not large enough costs a look.
  void sign(const RelPath& path);
  // All that was signed is registered now, in this principal.
  void vouch(const LevelFile& principal);

 private:
  void tell(const Error& error);

  std::string path_, filenameroot_;
  std::uint64_t bytes_min_;
  std::function<void(const std::string&)> warn_;
  std::optional<sys::Dir> root_;
  std::optional<blocks::Shelf> shelf_;
  std::vector<RelPath> signed_;
  bool told_ = false;
};

}  // namespace recentd
