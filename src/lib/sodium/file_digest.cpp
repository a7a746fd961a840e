#include "lib/sodium/file_digest.hpp"

#include <recentd/error.hpp>

#include "lib/sodium/digest.hpp"
#include "sys/file/pieces.hpp"

namespace recentd::sodium {

std::optional<std::string> file_digest(const sys::Dir& root, const RelPath& path,
                                       const sys::FileFacts& version) {
  if (version.type != sys::FileType::regular) return std::nullopt;
  Digest digest;
  const auto take = [&](std::string_view piece) { digest.update(piece); };
  if (!sys::read_version(root, path, version, take)) return std::nullopt;
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
