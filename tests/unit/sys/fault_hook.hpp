#pragma once

#include <string_view>

#include "sys/fault.hpp"

namespace recentd::sys::test {

// Makes each call of one operation fail while it lives.
class Failing {
 public:
  Failing(std::string_view operation, int failure) {
    set_fault_hook([operation, failure](std::string_view asked, std::string_view) {
      return asked == operation ? failure : 0;
    });
  }
  ~Failing() { set_fault_hook({}); }
  Failing(const Failing&) = delete;
  Failing& operator=(const Failing&) = delete;
};

}  // namespace recentd::sys::test
