#include "transport/password.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <memory>

#include <sys/stat.h>

#include <recentd/error.hpp>

#include "base/text.hpp"

namespace recentd::transport {
namespace {

struct Content {
  std::string password;
  bool regular = false;
};

// flawed: the kind of error for a file that is there but is no good.
Content read(const std::string& path, Kind flawed) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "re"), std::fclose);
  if (file == nullptr) {
    throw Error(errno == ENOENT ? Kind::missing : Kind::io,
                cat("cannot read the password file ", quoted(path)), path, errno);
  }
  struct stat facts {};
  ::fstat(::fileno(file.get()), &facts);
  Content content{{}, S_ISREG(facts.st_mode)};
  if (content.regular && (facts.st_mode & 0077) != 0) {
    throw Error(flawed, cat("others may read the password file ", quoted(path), "; chmod 600 it"), path);
  }
  char line[1024];
  content.password = std::fgets(line, sizeof line, file.get()) != nullptr ? line : "";
  content.password.erase(std::min(content.password.find_first_of("\r\n"), content.password.size()));
  if (content.password.empty()) throw Error(flawed, cat("no password in the file ", quoted(path)), path);
  return content;
}

}  // namespace

Password::Password(std::optional<std::string> fixed, std::string file) : known_(std::move(fixed)) {
  if (file.empty()) return;
  auto content = read(file, Kind::usage);
  known_ = std::move(content.password);
  if (content.regular) file_ = std::move(file);
}

std::optional<std::string> Password::current() const {
  return file_.empty() ? known_ : read(file_, Kind::transport).password;
}

}  // namespace recentd::transport
