#pragma once

#include <string>

#include "audit/findings.hpp"

// How `fsck` and `verify` show what they found; the same for both, so that one script reads either.
namespace recentd::cli {

// One line on stdout: the check, the file or path, what is wrong.
void print_finding(const audit::Finding& finding);

// The elements of a JSON array, one finding after the other.
class FindingsJson {
 public:
  void add(const audit::Finding& finding);
  // The array.
  [[nodiscard]] std::string str() const { return "[" + elements_ + "]"; }

 private:
  std::string elements_;
};

}  // namespace recentd::cli
