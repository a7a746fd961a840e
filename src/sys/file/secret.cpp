#include "sys/file/secret.hpp"

#include <algorithm>

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sys/failure.hpp"
#include "sys/fault.hpp"
#include "sys/fd.hpp"

namespace recentd::sys {

namespace {

constexpr std::size_t k_line_bytes_max = 1023;

std::string first_line(const Fd& file, const std::string& path) {
  std::string text(k_line_bytes_max, '\0');
  std::size_t filled = 0;
  while (filled < text.size() &&
         std::string_view(text).substr(0, filled).find('\n') == std::string_view::npos &&
         fault("read", path) == 0) {
    const ssize_t got = ::read(file.get(), text.data() + filled, text.size() - filled);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    filled += static_cast<std::size_t>(got);
  }
  text.resize(filled);
  text.erase(std::min(text.find_first_of("\r\n"), text.size()));
  return text;
}

}  // namespace

Secret read_secret(const std::string& path, std::string_view doing) {
  int failure = fault("open", path);
  const Fd file(failure != 0 ? -1 : ::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.valid()) fail_missing_or_io(doing, path, failure != 0 ? failure : errno);
  failure = fault("fstat", path);
  struct stat facts {};
  if (failure == 0 && ::fstat(file.get(), &facts) != 0) failure = errno;
  if (failure != 0) fail(Kind::io, doing, path, failure);
  Secret secret;
  secret.regular = S_ISREG(facts.st_mode);
  secret.others_may_read = secret.regular && (facts.st_mode & 0077) != 0;
  if (!secret.others_may_read) secret.line = first_line(file, path);
  return secret;
}

}  // namespace recentd::sys
