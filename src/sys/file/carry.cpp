#include "sys/file/carry.hpp"

#include <array>
#include <cerrno>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sys/failure.hpp"
#include "sys/fault.hpp"
#include "sys/tree/beneath.hpp"

namespace recentd::sys {
namespace {

constexpr std::size_t k_piece = std::size_t{64} << 10;

// The original's directory and the copy's; names are the last parts of the paths.
struct Ends {
  Fd from, to;
  const char* name;
  const char* as;
};

const char* name_of(const RelPath& path) {
  return path.text().c_str() + (path.text().size() - path.name().size());
}

// 0 or the errno.
int copy_bytes(const Fd& from, const Fd& to) {
  std::array<char, k_piece> buffer{};
  for (;;) {
    const auto got = ::read(from.get(), buffer.data(), buffer.size());
    if (got == 0) return 0;
    if (got < 0) return errno;
    for (ssize_t done = 0; done < got;) {
      const auto put = ::write(to.get(), buffer.data() + done, static_cast<std::size_t>(got - done));
      if (put < 0) return errno;
      done += put;
    }
  }
}

int copy_file(const Ends& ends, const struct stat& facts) {
  const Fd from(::openat(ends.from.get(), ends.name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
  if (!from.valid()) return errno;
  const Fd to(::openat(ends.to.get(), ends.as, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!to.valid()) return errno;
  int failure = copy_bytes(from, to);
  const timespec times[2] = {facts.st_atim, facts.st_mtim};
  if (failure == 0 && ::fchmod(to.get(), facts.st_mode & 0777) != 0) failure = errno;
  if (failure == 0 && ::futimens(to.get(), times) != 0) failure = errno;
  if (failure == 0 && ::fsync(to.get()) != 0) failure = errno;
  if (failure != 0) ::unlinkat(ends.to.get(), ends.as, 0);
  return failure;
}

int copy_link(const Ends& ends) {
  std::array<char, 4097> text{};
  const auto length = ::readlinkat(ends.from.get(), ends.name, text.data(), text.size() - 1);
  if (length < 0) return errno;
  return ::symlinkat(text.data(), ends.to.get(), ends.as) == 0 ? 0 : errno;
}

int carry(const Ends& ends, const std::string& full) {
  if (const int failure = fault("carry", full)) return failure;
  struct stat facts {};
  if (::fstatat(ends.from.get(), ends.name, &facts, AT_SYMLINK_NOFOLLOW) != 0) return errno;
  if (!S_ISREG(facts.st_mode) && !S_ISLNK(facts.st_mode)) return EXDEV;  // a device cannot be copied
  if (const int failure = S_ISLNK(facts.st_mode) ? copy_link(ends) : copy_file(ends, facts)) return failure;
  if (::unlinkat(ends.from.get(), ends.name, 0) == 0) return 0;
  const int failure = errno;
  ::unlinkat(ends.to.get(), ends.as, 0);
  return failure;
}

}  // namespace

Dir::Move move_or_carry(const Dir& from, const RelPath& path, const Dir& to, const RelPath& as) {
  try {
    return from.move(path, to, as);
  } catch (const Error& error) {
    if (error.errno_value() != EXDEV) throw;
  }
  // The parents were made by the try.
  const Ends ends{open_beneath(from.fd(), path.parent(), O_PATH | O_DIRECTORY),
                  open_beneath(to.fd(), as.parent(), O_PATH | O_DIRECTORY), name_of(path), name_of(as)};
  if (!ends.from.valid()) return Dir::Move::absent;
  if (!ends.to.valid()) return Dir::Move::unreachable;
  const auto full = from.path() + "/" + path.text();
  const int failure = carry(ends, full);
  if (failure == 0) return Dir::Move::moved;
  if (failure == EEXIST) return Dir::Move::exists;
  if (failure == ENOENT) return Dir::Move::absent;
  fail(Kind::io, "copy to " + to.path() + "/" + as.text() + " the file", full, failure);
}

}  // namespace recentd::sys
