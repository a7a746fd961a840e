#include "sys/process/bell.hpp"

#include <array>
#include <utility>

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sys/failure.hpp"
#include "sys/fault.hpp"
#include "sys/process/signals.hpp"

namespace recentd::sys {

namespace {

constexpr mode_t k_own_alone = 0600;

// With a writer of our own the FIFO never ends, so nobody who hangs up keeps us awake.
Fd open_fifo(const std::string& path, int access) {
  if (const int failure = fault("open", path); failure != 0) {
    errno = failure;
    return {};
  }
  Fd fifo(::open(path.c_str(), access | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC));
  struct stat facts {};
  if (!fifo.valid() || (::fstat(fifo.get(), &facts) == 0 && S_ISFIFO(facts.st_mode))) return fifo;
  errno = ENXIO;
  return {};
}

}  // namespace

Bell::Bell(std::string path) : path_(std::move(path)) {
  if (fault("mkfifo", path_) == 0 && (::mkfifo(path_.c_str(), k_own_alone) == 0 || errno == EEXIST))
    fifo_ = open_fifo(path_, O_RDWR);
  ring_at_hangup(fd());
}

Bell::~Bell() {
  const FaultPause quiet;
  close();
}

bool Bell::take() noexcept {
  std::array<char, 512> strokes;
  bool rung = false;
  while (fifo_.valid() && ::read(fifo_.get(), strokes.data(), strokes.size()) > 0) rung = true;
  return rung;
}

// Its name goes first: who opened it before may have rung until then.
bool Bell::close() {
  if (!fifo_.valid()) return false;
  ring_at_hangup(-1);
  if (fault("unlink", path_) == 0) ::unlink(path_.c_str());
  const bool rung = take();
  fifo_ = {};
  return rung;
}

bool Bell::ring(const std::string& path) {
  const Fd fifo = open_fifo(path, O_WRONLY);
  if (!fifo.valid()) {
    if (errno == ENXIO || errno == ENOENT || errno == ELOOP) return false;
    fail(Kind::io, "ring", path, errno);
  }
  // One that is full was rung.
  return ::write(fifo.get(), "\n", 1) == 1 || errno == EAGAIN;
}

}  // namespace recentd::sys
