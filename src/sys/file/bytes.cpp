#include "sys/file/bytes.hpp"

#include <algorithm>
#include <cstring>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.hpp"
#include "sys/failure.hpp"
#include "sys/fault.hpp"
#include "sys/fd.hpp"
#include "sys/file/mapping.hpp"

namespace recentd::sys {

namespace {

constexpr std::size_t k_read_bytes_max = std::size_t{8} << 20;

class StringBytes : public Bytes {
 public:
  explicit StringBytes(std::string content) : content_(std::move(content)) {}
  [[nodiscard]] std::string_view view() const noexcept override { return content_; }
  [[nodiscard]] bool torn() const noexcept override { return false; }

 private:
  std::string content_;
};

enum class Cut { no, yes };

class HeapBytes : public Bytes {
 public:
  HeapBytes(std::unique_ptr<char[]> data, std::size_t size, Cut cut)
      : data_(std::move(data)), size_(size), cut_(cut) {}
  [[nodiscard]] std::string_view view() const noexcept override { return {data_.get(), size_}; }
  [[nodiscard]] bool torn() const noexcept override { return cut_ == Cut::yes; }

 private:
  std::unique_ptr<char[]> data_;
  std::size_t size_;
  Cut cut_;
};

class MappedBytes : public Bytes {
 public:
  MappedBytes(Fd fd, Mapping mapping, std::size_t size)
      : fd_(std::move(fd)), mapping_(std::move(mapping)), size_(size) {}
  [[nodiscard]] std::string_view view() const noexcept override { return {mapping_.data(), size_}; }
  [[nodiscard]] bool torn() const noexcept override { return mapping_.torn() || is_shorter_now(); }
  void let_go(std::string_view part) const noexcept override { mapping_.let_go(part); }

 private:
  [[nodiscard]] bool is_shorter_now() const noexcept {
    struct stat facts {};
    return ::fstat(fd_.get(), &facts) != 0 || static_cast<std::size_t>(facts.st_size) < size_;
  }

  Fd fd_;
  Mapping mapping_;
  std::size_t size_;
};

// A file that is read, and how messages call it.
struct Source {
  Fd fd;
  std::string path;
};

// One read(), repeated when interrupted. 0 at the end of the file.
std::size_t read_some(const Source& source, char* to, std::size_t size) {
  if (const int failure = fault("read", source.path)) fail(Kind::io, "read", source.path, failure);
  for (;;) {
    const ssize_t got = ::read(source.fd.get(), to, size);
    if (got >= 0) return static_cast<std::size_t>(got);
    if (errno != EINTR) fail(Kind::io, "read", source.path, errno);
  }
}

// The first `size` bytes; fewer if somebody cut the file meanwhile.
std::shared_ptr<const Bytes> read_whole(const Source& source, std::size_t size) {
  std::unique_ptr<char[]> data(new char[size]);  // not zeroed: fresh pages cost more than the read
  std::size_t filled = 0;
  while (filled < size) {
    const std::size_t got = read_some(source, data.get() + filled, size - filled);
    if (got == 0) break;
    filled += got;
  }
  return std::make_shared<HeapBytes>(std::move(data), filled, filled < size ? Cut::yes : Cut::no);
}

// What the kernel makes up as it is read, below /proc, has no size.
std::shared_ptr<const Bytes> read_sizeless(const Source& source, std::size_t limit_bytes) {
  constexpr std::size_t k_most = 64 * 1024;
  std::string text(std::min(k_most, limit_bytes), '\0');
  std::size_t filled = 0;
  while (filled < text.size()) {
    const std::size_t got = read_some(source, text.data() + filled, text.size() - filled);
    if (got == 0) break;
    filled += got;
  }
  text.resize(filled);
  return std::make_shared<StringBytes>(std::move(text));
}

std::size_t checked_size(const Source& source, std::size_t limit_bytes) {
  struct stat facts {};
  if (::fstat(source.fd.get(), &facts) != 0) fail(Kind::io, "look at", source.path, errno);
  if (!S_ISREG(facts.st_mode)) {
    throw Error(Kind::io, cat("cannot read ", quoted(source.path), ": not a regular file"), source.path);
  }
  const auto size = static_cast<std::size_t>(facts.st_size);
  if (size > limit_bytes) {
    throw Error(Kind::refused,
                cat("will not read ", quoted(source.path), ": its ", size, " bytes exceed the limit of ",
                    limit_bytes, " bytes"),
                source.path);
  }
  return size;
}

std::shared_ptr<const Bytes> content_of(Source source, std::size_t limit_bytes) {
  const std::size_t size = checked_size(source, limit_bytes);
  if (size == 0) return read_sizeless(source, limit_bytes);
  if (size > k_read_bytes_max) {
    if (const int failure = fault("mmap", source.path)) fail(Kind::io, "map", source.path, failure);
    Mapping mapping(source.fd.get(), size);
    if (mapping.valid()) {
      return std::make_shared<MappedBytes>(std::move(source.fd), std::move(mapping), size);
    }
  }
  return read_whole(source, size);
}

// O_NONBLOCK: a FIFO in a file's place must not hang us.
constexpr int k_flags = O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;

Source open_source(int dir_fd, const std::string& name, int flags, const std::string& path) {
  int failure = fault("open", path);
  Fd fd(failure != 0 ? -1 : ::openat(dir_fd, name.c_str(), flags));
  if (!fd.valid() && failure == 0) failure = errno;
  if (failure == ELOOP && (flags & O_NOFOLLOW) != 0) {
    throw Error(Kind::io, cat("cannot open ", quoted(path), ": a symbolic link, not a regular file"), path);
  }
  if (failure != 0) fail_missing_or_io("open", path, failure);
  return {std::move(fd), path};
}

// A regular file and its size; nothing if there is none.
std::optional<std::pair<Source, off_t>> open_regular(const std::string& path) {
  Source source{Fd(::open(path.c_str(), k_flags)), path};
  struct stat facts {};
  if (!source.fd.valid() && errno == ENOENT) return std::nullopt;
  if (!source.fd.valid()) fail(Kind::io, "open", path, errno);
  if (::fstat(source.fd.get(), &facts) != 0) fail(Kind::io, "look at", path, errno);
  if (!S_ISREG(facts.st_mode)) return std::nullopt;
  return std::pair(std::move(source), facts.st_size);
}

// Less only at the end of the file.
std::size_t read_piece(const Source& source, std::span<char> to) {
  std::size_t filled = 0;
  while (filled < to.size()) {
    const std::size_t got = read_some(source, to.data() + filled, to.size() - filled);
    if (got == 0) break;
    filled += got;
  }
  return filled;
}

}  // namespace

bool same_content(const std::string& path, const std::string& other) {
  const auto one = open_regular(path), two = open_regular(other);
  if (!one || !two || one->second != two->second) return false;
  constexpr std::size_t k_piece = 64 * 1024;
  std::vector<char> a(k_piece), b(k_piece);
  for (;;) {
    const std::size_t size = read_piece(one->first, a);
    if (read_piece(two->first, b) != size || std::memcmp(a.data(), b.data(), size) != 0) return false;
    if (size < k_piece) return true;
  }
}

std::shared_ptr<const Bytes> bytes_from(std::string content) {
  return std::make_shared<StringBytes>(std::move(content));
}

std::shared_ptr<const Bytes> read_file(const std::string& path, std::size_t limit_bytes) {
  return content_of(open_source(AT_FDCWD, path, k_flags, path), limit_bytes);
}

std::shared_ptr<const Bytes> read_file_at(int dir_fd, const std::string& name,
                                          const std::string& path_for_messages, std::size_t limit_bytes) {
  return content_of(open_source(dir_fd, name, k_flags | O_NOFOLLOW, path_for_messages), limit_bytes);
}

}  // namespace recentd::sys
