#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace recentd::sys {

// The immutable content of a file at one moment: small files (up to 8 MB) are read into memory, larger ones
// are mapped. If somebody cuts a mapped file while it is used, the lost part reads as zero bytes and torn()
// turns true, instead of a SIGBUS; a reader checks torn() when it is through. A small file that is cut while
// it is read is shorter, and torn as well. Shared, read-only, safe to use from any thread.
class Bytes {
 public:
  virtual ~Bytes() = default;
  [[nodiscard]] virtual std::string_view view() const noexcept = 0;
  [[nodiscard]] virtual bool torn() const noexcept = 0;
  // A hint that this part of the view is not needed soon: pages of a mapped file stop counting as memory of
  // this process until they are looked at again.
  virtual void let_go(std::string_view) const noexcept {}
};

// Content held by a string; for tests and for what was produced in memory.
std::shared_ptr<const Bytes> bytes_from(std::string content);

// Reads a regular file, following links. Throws Error{missing} if it is not there, Error{io} if it cannot be
// read or is not a regular file, Error{refused} if it is larger than limit_bytes.
std::shared_ptr<const Bytes> read_file(const std::string& path,
                                       std::size_t limit_bytes = std::size_t{1} << 40);
// The same relative to an open directory, the last component not followed if it is a link.
std::shared_ptr<const Bytes> read_file_at(int dir_fd, const std::string& name,
                                          const std::string& path_for_messages,
                                          std::size_t limit_bytes = std::size_t{1} << 40);

// True if both are regular files with the same bytes; read in pieces, so that memory and pages stay few.
// False if one is missing. Throws Error{io}.
bool same_content(const std::string& path, const std::string& other);

}  // namespace recentd::sys
