#include "delta/blocks/sign.hpp"

#include "lib/rsync/block_sums.hpp"
#include "lib/sodium/digest.hpp"
#include "sys/file/pieces.hpp"

namespace recentd::blocks {

std::optional<Signed> sign(const sys::Dir& root, const RelPath& path, const sys::FileFacts& facts) {
  if (facts.type != sys::FileType::regular || facts.size_bytes > k_file_bytes_max || facts.mtime_s < 0)
    return std::nullopt;
  librsync::BlockSums sums(block_bytes_for(facts.size_bytes), k_strong_bytes);
  sodium::Digest digest;
  const bool whole = sys::read_version(root, path, facts, [&](std::string_view bytes) {
    sums.update(bytes);
    digest.update(bytes);
  });
  if (!whole) return std::nullopt;
  return Signed{{path.text(), facts.size_bytes, facts.mtime_s, facts.mtime_ns, digest.hex(), {}},
                sums.finish()};
}

}  // namespace recentd::blocks
