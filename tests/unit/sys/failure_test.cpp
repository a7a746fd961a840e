#include "sys/failure.hpp"

#include <cerrno>

#include <doctest/doctest.h>

using namespace recentd;

namespace {

Error thrown(Kind kind, int errno_value) {
  try {
    sys::fail(kind, "write", "/srv/a\nb", errno_value);
  } catch (const Error& error) {
    return error;
  }
}

}  // namespace

TEST_SUITE("sys::failure") {
  TEST_CASE("a failure names what was done, the path, and the system's own words") {
    const auto error = thrown(Kind::io, ENOSPC);
    CHECK(error.kind() == Kind::io);
    CHECK(error.path() == "/srv/a\nb");
    CHECK(error.errno_value() == ENOSPC);
    const std::string text = error.what();
    CHECK(text.starts_with("cannot write '/srv/a\\x0Ab'"));
    CHECK(text.find("No space left on device") != std::string::npos);
  }

  TEST_CASE("only what is not there is missing") {
    for (const auto& [number, kind] :
         {std::pair{ENOENT, Kind::missing}, {EACCES, Kind::io}, {ENOTDIR, Kind::io}}) {
      try {
        sys::fail_missing_or_io("open", "/a", number);
      } catch (const Error& error) {
        CHECK(error.kind() == kind);
      }
    }
  }
}
