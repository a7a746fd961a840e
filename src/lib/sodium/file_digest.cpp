#include "lib/sodium/file_digest.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <recentd/error.hpp>

#include "lib/sodium/digest.hpp"
#include "sys/file/file_facts.hpp"
#include "sys/tree/beneath.hpp"

namespace recentd::sodium {

namespace {

constexpr std::size_t k_piece_bytes = std::size_t{256} << 10;

bool same_version(const sys::FileFacts& a, const sys::FileFacts& b) noexcept {
  return a.inode == b.inode && a.size_bytes == b.size_bytes && a.mtime_s == b.mtime_s &&
         a.mtime_ns == b.mtime_ns;
}

std::optional<sys::FileFacts> facts_of_open(const sys::Fd& file) noexcept {
  struct stat facts {};
  return ::fstat(file.get(), &facts) == 0 ? std::optional(sys::facts_of(facts)) : std::nullopt;
}

}  // namespace

std::optional<std::string> file_digest(const sys::Dir& root, const RelPath& path,
                                       const sys::FileFacts& version) {
  if (version.type != sys::FileType::regular) return std::nullopt;
  const sys::Fd file = sys::open_beneath(root.fd(), path.text(), O_RDONLY | O_NONBLOCK | O_NOFOLLOW);
  if (!file.valid()) return std::nullopt;
  Digest digest;
  std::string piece(k_piece_bytes, '\0');
  ssize_t bytes = 0;
  while ((bytes = ::read(file.get(), piece.data(), piece.size())) > 0)
    digest.update({piece.data(), static_cast<std::size_t>(bytes)});
  const auto after = facts_of_open(file);
  if (bytes < 0 || !after || !same_version(*after, version)) return std::nullopt;
  return "blake2b-256:" + digest.hex();
}

std::optional<std::string> file_digest(const sys::Dir& root, const RelPath& path) {
  try {
    const auto facts = root.lstat(path);
    return facts ? file_digest(root, path, *facts) : std::nullopt;
  } catch (const Error& error) {
    if (error.kind() != Kind::io) throw;
    return std::nullopt;
  }
}

}  // namespace recentd::sodium
