#include "lib/zlib/deflate.hpp"

#include <zlib.h>

#include <recentd/error.hpp>

namespace recentd::zlib {

std::string deflated(std::string_view bytes) {
  uLongf size = ::compressBound(bytes.size());
  std::string made(size, '\0');
  const int result =
      ::compress2(reinterpret_cast<Bytef*>(made.data()), &size, reinterpret_cast<const Bytef*>(bytes.data()),
                  bytes.size(), Z_BEST_COMPRESSION);
  if (result != Z_OK) throw Error(Kind::internal, "zlib cannot be used");
  made.resize(size);
  return made;
}

std::optional<std::string> inflated(std::string_view deflated, std::size_t bytes) {
  std::string made(bytes, '\0');
  uLongf size = bytes;
  uLong used = deflated.size();
  const int result = ::uncompress2(reinterpret_cast<Bytef*>(made.data()), &size,
                                   reinterpret_cast<const Bytef*>(deflated.data()), &used);
  if (result != Z_OK || size != bytes || used != deflated.size()) return std::nullopt;
  return made;
}

}  // namespace recentd::zlib
