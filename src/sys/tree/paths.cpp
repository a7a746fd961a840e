#include "sys/tree/paths.hpp"

#include <filesystem>
#include <system_error>

#include <errno.h>

#include "sys/failure.hpp"
#include "sys/fault.hpp"
#include "sys/tree/dir.hpp"

namespace recentd::sys {

namespace {

namespace fs = std::filesystem;

// Runs work(error) if the hook lets it; returns 0 or the errno.
template <class Work>
int attempt(std::string_view operation, const std::string& path, const Work& work) {
  if (const int failure = fault(operation, path)) return failure;
  std::error_code error;
  work(error);
  return error.value();
}

}  // namespace

std::string absolute_path(const std::string& path) {
  fs::path absolute;
  const int failure =
      attempt("getcwd", path, [&](std::error_code& error) { absolute = fs::absolute(path, error); });
  if (failure != 0) fail(Kind::io, "find the absolute path of", path, failure);
  return absolute.lexically_normal().string();
}

void make_directories(const std::string& path) {
  const int failure =
      attempt("mkdir", path, [&](std::error_code& error) { fs::create_directories(path, error); });
  if (failure != 0) fail(Kind::io, "create", path, failure);
}

void move_file(const std::string& from, const std::string& to) {
  try {
    rename_file(from, to);
    return;
  } catch (const Error& error) {
    if (error.errno_value() != EXDEV) throw;
  }
  const int failure = attempt("copy", to, [&](std::error_code& error) {
    fs::copy(from, to, fs::copy_options::copy_symlinks, error);
  });
  if (failure != 0) fail_missing_or_io("copy to " + to + " the file", from, failure);
  unlink_file(from);
}

}  // namespace recentd::sys
