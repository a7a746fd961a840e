#pragma once

#include <cstdlib>

namespace recentd::test {

// The recentd that the tests run: the one of the environment, so that tests of one build can be run against
// the program of another, else the one that was built with them.
inline const char* program() {
  const char* const chosen = std::getenv("RECENTD_TEST_PROGRAM");
  return chosen != nullptr ? chosen : RECENTD_BUILT_PROGRAM;
}

// True if that program is slower and larger than the one of a release.
inline bool program_is_sanitised() {
#ifdef __SANITIZE_ADDRESS__
  return true;
#else
  return std::getenv("RECENTD_TEST_SANITISED") != nullptr;
#endif
}

}  // namespace recentd::test

#define RECENTD_PROGRAM ::recentd::test::program()
