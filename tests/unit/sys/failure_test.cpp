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

  TEST_CASE("trouble with one path is told from trouble with the disk") {
    for (const int number : {EACCES, EPERM, EIO, EXDEV, ENAMETOOLONG, EBUSY})
      CHECK(sys::concerns_path_alone(thrown(Kind::io, number)));
    for (const int number : {ENOSPC, EROFS, EDQUOT, EMFILE, ENOMEM})
      CHECK_FALSE(sys::concerns_path_alone(thrown(Kind::io, number)));
    CHECK_FALSE(sys::concerns_path_alone(thrown(Kind::corrupt, EACCES)));
    CHECK(sys::or_nothing([] { return 5; }) == 5);
    CHECK(sys::or_nothing([]() -> int { throw thrown(Kind::io, EACCES); }) == 0);
    CHECK_THROWS_AS(sys::or_nothing([]() -> int { throw thrown(Kind::io, ENOSPC); }), Error);
  }
}
