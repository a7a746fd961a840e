#pragma once

#include <string>

namespace recentd::sys {

// A shared library that only some runs of a program need, so that the others start without it. It stays
// loaded until the process ends.
class Library {
 public:
  // `file`: found as the dynamic linker finds libraries. Throws Error{missing}.
  explicit Library(std::string file);

  // A function of it, which has the type that the library's own header tells. Throws Error{missing}.
  template <class Function>
  void find(const char* name, Function*& function) const {
    function = reinterpret_cast<Function*>(address_of(name));
  }

 private:
  [[nodiscard]] void* address_of(const char* name) const;

  std::string file_;
  void* handle_;
};

}  // namespace recentd::sys
