#include "audit/repair/scratch.hpp"

#include <cerrno>
#include <cstdlib>

#include <unistd.h>

#include <recentd/error.hpp>

#include "base/text.hpp"
#include "upstream/index_cache.hpp"

namespace recentd::audit {

Scratch::Scratch() {
  const char* base = std::getenv("TMPDIR");
  path_ = std::string(base && *base ? base : "/tmp") + "/recentd-index-XXXXXX";
  if (::mkdtemp(path_.data()) == nullptr)
    throw Error(Kind::io, cat("cannot make a temporary directory ", quoted(path_)), path_, errno);
}

Scratch::~Scratch() {
  try {
    upstream::empty_directory(path_);
  } catch (const Error&) {
    // The system's own cleaner of temporary files is left to it.
  }
  ::rmdir(path_.c_str());
}

}  // namespace recentd::audit
