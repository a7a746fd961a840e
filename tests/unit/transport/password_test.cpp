#include "transport/password.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <recentd/error.hpp>

#include "support/tools/temp_tree.hpp"

using namespace recentd;
using recentd::transport::Password;

TEST_SUITE("transport::password") {
  TEST_CASE("a password file is read anew for each use") {
    const test::TempTree tree;
    const auto file = tree.write("password", "first\nmore\n");
    ::chmod(file.c_str(), 0600);
    const Password password({}, file);
    CHECK(password.current() == "first");
    tree.write("password", "second");
    CHECK(password.current() == "second");
    tree.write("password", "");
    CHECK_THROWS_AS(static_cast<void>(password.current()), Error);
  }

  TEST_CASE("neither a FIFO, nor a directory, nor a device is a password file, which is told at once") {
    const test::TempTree tree;
    const auto fifo = tree.path("fifo");
    REQUIRE(::mkfifo(fifo.c_str(), 0600) == 0);
    for (const auto& path : {fifo, tree.path()})
      CHECK_THROWS_WITH_AS(Password({}, path), doctest::Contains("neither a regular file nor"), Error);
    CHECK_THROWS_WITH_AS(Password({}, "/dev/zero"), doctest::Contains("neither a regular file nor"), Error);
  }

  TEST_CASE("a password without a file stays what it is") {
    CHECK(Password("fixed", "").current() == "fixed");
    CHECK_FALSE(Password({}, "").current());
  }

  TEST_CASE("a file that others may read is no end of a mirror at work") {
    const test::TempTree tree;
    const auto file = tree.write("password", "secret\n");
    ::chmod(file.c_str(), 0600);
    const Password password({}, file);
    ::chmod(file.c_str(), 0640);
    try {
      static_cast<void>(password.current());
      FAIL("read");
    } catch (const Error& error) {
      CHECK(error.kind() == Kind::transport);
    }
    try {
      const Password another({}, file);
      FAIL("read");
    } catch (const Error& error) {
      CHECK(error.kind() == Kind::usage);
    }
  }
}
