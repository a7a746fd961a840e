#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "sys/fd.hpp"

namespace recentd::sys {

// A file whose bytes come piece by piece, in a place that nobody looks at: it gets its real name, and with it
// readers, when all are there. Mode 0666 less the umask. Move-only.
class PartFile {
 public:
  // A new one; whatever had the name gives way. Throws Error{io, missing}.
  static PartFile create(std::string path);
  // One that is there, to go on behind its first so many bytes; what it has beyond them goes. Nothing if
  // there is no regular file of at least that size. Throws Error{io}.
  static std::optional<PartFile> resume(std::string path, std::uint64_t bytes);

  // Throws Error{io}.
  void append(std::string_view bytes);
  // Or else, for a file whose parts come in any order: its size, once, and bytes within that. Throws
  // Error{io}.
  void resize(std::uint64_t bytes);
  void write_at(std::uint64_t from, std::string_view bytes);
  // The same of bytes of another file, which the two share where their file system can do that. Throws
  // Error{io}, also if the other one is shorter.
  void copy_at(std::uint64_t to, const Fd& other, std::uint64_t from, std::uint64_t bytes);
  // Forgets what is there. Throws Error{io}.
  void clear();
  [[nodiscard]] std::uint64_t size() const noexcept { return size_; }
  [[nodiscard]] const std::string& path() const noexcept { return path_; }
  // Its modification time; nothing is appended after that. Throws Error{io}.
  void set_time(std::int64_t seconds, std::uint32_t nanoseconds);

 private:
  void copy_by_hand(std::uint64_t to, const Fd& other, std::uint64_t from, std::uint64_t bytes);
  PartFile(std::string path, Fd fd, std::uint64_t size)
      : path_(std::move(path)), fd_(std::move(fd)), size_(size) {}

  std::string path_;
  Fd fd_;
  std::uint64_t size_;
};

// A symbolic link in such a place, with its own modification time (since 1970) where one is known. Throws
// Error{io, missing}.
void make_part_link(const std::string& path, const std::string& target,
                    const std::optional<std::chrono::nanoseconds>& mtime);

}  // namespace recentd::sys
