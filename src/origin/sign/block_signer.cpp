#include "origin/sign/block_signer.hpp"

#include <utility>

#include "base/text.hpp"

namespace recentd {

std::optional<Epoch> newest_epoch(const LevelFile& file) {
  const auto opened = open_level(file, Reader::writer);
  std::vector<EventRow> rows(1);
  if (!opened || opened->reader->read(rows) == 0) return std::nullopt;
  return Epoch(rows.front().epoch());
}

BlockSigner::BlockSigner(std::string root, const std::string& filenameroot, std::uint64_t bytes_min,
                         std::function<void(const std::string&)> warn)
    : path_(std::move(root)), filenameroot_(filenameroot), bytes_min_(bytes_min), warn_(std::move(warn)) {}

// Called where it was caught.
void BlockSigner::tell(const Error& error) {
  if (error.kind() != Kind::io && error.kind() != Kind::missing && error.kind() != Kind::corrupt) throw;
  if (std::exchange(told_, true)) return;
  warn_(cat(error.what(), "; mirrors that come over HTTP fetch such large files as a whole"));
}

void BlockSigner::sign(const RelPath& path) {
  try {
    if (!root_) {
      root_.emplace(path_);
      shelf_.emplace(*root_, filenameroot_, bytes_min_);
    }
    if (shelf_->renew(path, {}) != blocks::Shelf::Renewed::none) signed_.push_back(path);
  } catch (const Error& error) {
    tell(error);
  }
}

void BlockSigner::vouch(const LevelFile& principal) {
  if (signed_.empty()) return;
  try {
    const auto newest = newest_epoch(principal);
    for (const auto& path : signed_)
      if (newest) shelf_->vouch(path, *newest);
  } catch (const Error& error) {
    tell(error);
  }
}

}  // namespace recentd
