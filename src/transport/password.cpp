#include "transport/password.hpp"

#include <recentd/error.hpp>

#include "base/text.hpp"
#include "sys/file/secret.hpp"

namespace recentd::transport {
namespace {

// flawed: the kind of error for a file that is there but is no good.
sys::Secret read(const std::string& path, Kind flawed) {
  auto secret = sys::read_secret(path, "read the password file");
  if (!secret.readable)
    throw Error(flawed,
                cat("the password file ", quoted(path),
                    " is neither a regular file nor the pipe of a running command"),
                path);
  if (secret.others_may_read)
    throw Error(flawed, cat("others may read the password file ", quoted(path), "; chmod 600 it"), path);
  if (secret.line.empty())
    throw Error(
        flawed,
        cat(secret.regular ? "no password in the file " : "no password comes from the pipe ", quoted(path)),
        path);
  return secret;
}

}  // namespace

Password::Password(std::optional<std::string> fixed, std::string file) : known_(std::move(fixed)) {
  if (file.empty()) return;
  auto secret = read(file, Kind::usage);
  known_ = std::move(secret.line);
  if (secret.regular) file_ = std::move(file);
}

std::optional<std::string> Password::current() const {
  return file_.empty() ? known_ : read(file_, Kind::transport).line;
}

}  // namespace recentd::transport
