#include "cli/mirror_run.hpp"

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <memory>

#include <sys/stat.h>

#include <recentd/error.hpp>

#include "base/text.hpp"

namespace recentd::cli {

std::string read_password_file(const std::string& path) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "re"), std::fclose);
  if (file == nullptr) {
    throw Error(errno == ENOENT ? Kind::missing : Kind::io,
                cat("cannot read the password file ", quoted(path)), path, errno);
  }
  struct stat facts {};
  ::fstat(::fileno(file.get()), &facts);
  if (S_ISREG(facts.st_mode) && (facts.st_mode & 0077) != 0) {
    throw Error(Kind::usage, cat("others may read the password file ", quoted(path), "; chmod 600 it"), path);
  }
  char line[1024];
  std::string password = std::fgets(line, sizeof line, file.get()) != nullptr ? line : "";
  password.erase(std::min(password.find_first_of("\r\n"), password.size()));
  if (password.empty()) throw Error(Kind::usage, cat("no password in the file ", quoted(path)), path);
  return password;
}

void print_missing(const MirrorReport& report) {
  for (const auto& line : report.missing) std::fprintf(stderr, "missing: %s\n", escaped(line).c_str());
}

std::string absolute(const std::string& directory) {
  std::error_code error;
  const auto path = std::filesystem::absolute(directory, error);
  return error ? directory : path.lexically_normal().string();
}

}  // namespace recentd::cli
