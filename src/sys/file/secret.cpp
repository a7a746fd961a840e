#include "sys/file/secret.hpp"

#include <algorithm>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "sys/failure.hpp"
#include "sys/fault.hpp"
#include "sys/fd.hpp"

namespace recentd::sys {

namespace {

constexpr std::size_t k_line_bytes_max = 1023;

// Reads on as long as something may come before `deadline`.
class Line {
 public:
  Line(const Fd& file, const std::string& path, std::chrono::steady_clock::time_point deadline)
      : file_(file), path_(path), deadline_(deadline) {}

  std::string read() {
    while (filled_ < text_.size() && !ended() && more()) {
    }
    text_.resize(filled_);
    text_.erase(std::min(text_.find_first_of("\r\n"), text_.size()));
    return std::move(text_);
  }

 private:
  [[nodiscard]] bool ended() const {
    return std::string_view(text_).substr(0, filled_).find('\n') != std::string_view::npos;
  }

  // False at the end of what there is.
  bool more() {
    if (fault("read", path_) != 0 || !wait()) return false;
    const ssize_t got = ::read(file_.get(), text_.data() + filled_, text_.size() - filled_);
    if (got < 0) return errno == EINTR || errno == EAGAIN;
    filled_ += static_cast<std::size_t>(got);
    return got > 0;
  }

  // A pipe that nobody has opened for writing yet is silent here, while read() would call it ended.
  bool wait() {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(deadline_ - std::chrono::steady_clock::now());
    if (left.count() <= 0) return false;
    pollfd ready{file_.get(), POLLIN, 0};
    const int n = ::poll(&ready, 1, static_cast<int>(left.count()));
    return n > 0 || (n < 0 && errno == EINTR);
  }

  const Fd& file_;
  const std::string& path_;
  std::chrono::steady_clock::time_point deadline_;
  std::string text_ = std::string(k_line_bytes_max, '\0');
  std::size_t filled_ = 0;
};

// Below /dev/fd; a FIFO lies in a file system of its own choice.
bool has_no_name(const Fd& pipe) noexcept {
  constexpr long k_pipes = 0x50495045;  // PIPEFS_MAGIC
  struct statfs facts {};
  return ::fstatfs(pipe.get(), &facts) == 0 && facts.f_type == k_pipes;
}

}  // namespace

Secret read_secret(const std::string& path, std::string_view doing, std::chrono::milliseconds patience) {
  int failure = fault("open", path);
  const Fd file(failure != 0 ? -1 : ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (!file.valid()) fail_missing_or_io(doing, path, failure != 0 ? failure : errno);
  failure = fault("fstat", path);
  struct stat facts {};
  if (failure == 0 && ::fstat(file.get(), &facts) != 0) failure = errno;
  if (failure != 0) fail(Kind::io, doing, path, failure);
  Secret secret;
  secret.readable = S_ISREG(facts.st_mode) || (S_ISFIFO(facts.st_mode) && has_no_name(file));
  secret.regular = S_ISREG(facts.st_mode);
  secret.others_may_read = secret.regular && (facts.st_mode & 0077) != 0;
  if (secret.readable && !secret.others_may_read)
    secret.line = Line(file, path, std::chrono::steady_clock::now() + patience).read();
  return secret;
}

}  // namespace recentd::sys
