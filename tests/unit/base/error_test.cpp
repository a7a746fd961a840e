#include <cerrno>

#include <doctest/doctest.h>

#include <recentd/error.hpp>

using namespace recentd;

TEST_SUITE("base::error") {
  TEST_CASE("each kind has the exit code that the manual promises") {
    CHECK(exit_code(Kind::internal) == 1);
    CHECK(exit_code(Kind::usage) == 2);
    CHECK(exit_code(Kind::config) == 2);
    CHECK(exit_code(Kind::missing) == 3);
    CHECK(exit_code(Kind::corrupt) == 4);
    CHECK(exit_code(Kind::locked) == 5);
    CHECK(exit_code(Kind::transport) == 6);
    CHECK(exit_code(Kind::io) == 7);
    CHECK(exit_code(Kind::refused) == 8);
    CHECK(exit_code(Kind::incomplete) == 9);
  }

  TEST_CASE("an error says what the system said and keeps its parts") {
    const Error error(Kind::io, "cannot write 'a'", "a", ENOSPC);
    CHECK(std::string(error.what()) == "cannot write 'a': No space left on device");
    CHECK(error.kind() == Kind::io);
    CHECK(error.path() == "a");
    CHECK(error.errno_value() == ENOSPC);
    CHECK(std::string(Error(Kind::io, "x", {}, 99999).what()) == "x: error 99999");
  }

  TEST_CASE("an error stays a single line whatever the file is called") {
    const Error error(Kind::missing, "no file 'a\nb\x1B[31m'; kept \\x41");
    CHECK(std::string(error.what()) == "no file 'a\\x0Ab\\x1B[31m'; kept \\x41");
  }
}
