#include "sys/library.hpp"

#include <utility>

#include <dlfcn.h>

#include <recentd/error.hpp>

#include "base/text.hpp"
#include "sys/fault.hpp"

namespace recentd::sys {
namespace {

std::string why() {
  const char* const text = ::dlerror();
  return single_line(text == nullptr ? "the dynamic linker does not say why" : text);
}

}  // namespace

Library::Library(std::string file)
    : file_(std::move(file)),
      handle_(fault("dlopen", file_) == 0 ? ::dlopen(file_.c_str(), RTLD_NOW | RTLD_LOCAL) : nullptr) {
  if (handle_ == nullptr)
    throw Error(Kind::missing,
                cat("cannot load the library ", quoted(file_), ": ", why(),
                    "; install the package that has it, on Debian libcurl4"),
                file_);
}

void* Library::address_of(const char* name) const {
  void* const address = ::dlsym(handle_, name);
  if (address != nullptr) return address;
  throw Error(Kind::missing, cat("the library ", quoted(file_), " is too old: ", why()), file_);
}

}  // namespace recentd::sys
