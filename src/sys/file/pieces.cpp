#include "sys/file/pieces.hpp"

#include <fcntl.h>
#include <unistd.h>

#include "sys/fault.hpp"
#include "sys/tree/dir.hpp"

namespace recentd::sys {

namespace {

constexpr std::size_t k_piece_bytes = std::size_t{256} << 10;

bool same_version(const FileFacts& a, const FileFacts& b) noexcept {
  return a.inode == b.inode && a.size_bytes == b.size_bytes && a.mtime_s == b.mtime_s &&
         a.mtime_ns == b.mtime_ns;
}

}  // namespace

bool read_version(const Dir& root, const RelPath& path, const FileFacts& version,
                  const std::function<void(std::string_view)>& take) {
  if (fault("open", path.text()) != 0) return false;
  const Fd file = root.open(path.text(), O_RDONLY | O_NONBLOCK | O_NOFOLLOW);
  if (!file.valid()) return false;
  std::string piece(k_piece_bytes, '\0');
  for (;;) {
    if (fault("read", path.text()) != 0) return false;
    const ssize_t bytes = ::read(file.get(), piece.data(), piece.size());
    if (bytes < 0) return false;
    if (bytes == 0) break;
    take({piece.data(), static_cast<std::size_t>(bytes)});
  }
  const auto after = facts_of_open(file.get(), path.text());
  return after && same_version(*after, version);
}

Fd open_below(const Dir& root, const RelPath& path) {
  const auto facts = root.lstat(path);
  if (!facts || facts->type != FileType::regular) return Fd();
  return root.open(path.text(), O_RDONLY | O_NONBLOCK | O_NOFOLLOW);
}

std::shared_ptr<const Bytes> read_below(const Dir& root, const RelPath& path) {
  const auto facts = root.lstat(path);
  if (!facts || facts->type != FileType::regular) return nullptr;
  const Fd parent = root.open(path.parent(), O_RDONLY | O_DIRECTORY);
  if (!parent.valid()) return nullptr;
  return read_file_at(parent.get(), std::string(path.name()), root.path() + "/" + path.text());
}

}  // namespace recentd::sys
