#include "sys/tree/temp_directory.hpp"

#include <cstdlib>

#include <errno.h>
#include <stdlib.h>

#include "sys/failure.hpp"
#include "sys/fault.hpp"
#include "sys/tree/remove_tree.hpp"

namespace recentd::sys {

TempDirectory::TempDirectory(const std::string& prefix) : path_(prefix + "XXXXXX") {
  int failure = fault("mkdir", path_);
  if (failure == 0 && ::mkdtemp(path_.data()) == nullptr) failure = errno;
  if (failure != 0) fail(Kind::io, "make the directory", path_, failure);
}

TempDirectory::~TempDirectory() {
  discard_tree(path_);
}

std::string temp_place() {
  const char* const place = std::getenv("TMPDIR");
  return place != nullptr && *place != '\0' ? place : "/tmp";
}

}  // namespace recentd::sys
