#include "sys/file/secret.hpp"

#include <cerrno>
#include <thread>

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <recentd/error.hpp>

#include "unit/sys/fault_hook.hpp"
#include "unit/sys/temp_dir.hpp"

using namespace recentd;
using namespace recentd::sys;
using namespace recentd::sys::test;

namespace {

Secret secret_of(const TempDir& temp, const std::string& content, mode_t mode = 0600) {
  const auto path = temp.path("secret");
  put(path, content);
  REQUIRE(::chmod(path.c_str(), mode) == 0);
  return read_secret(path, "read the password file");
}

// Without a name, as a shell makes it for `<(COMMAND)`.
struct Pipe {
  int ends[2] = {-1, -1};

  Pipe() { REQUIRE(::pipe2(ends, O_CLOEXEC) == 0); }
  ~Pipe() {
    for (const int end : ends) ::close(end);
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  [[nodiscard]] std::string path() const { return "/dev/fd/" + std::to_string(ends[0]); }
};

}  // namespace

TEST_SUITE("sys::secret") {
  TEST_CASE("the first line is the secret, without its end") {
    const TempDir temp;
    CHECK(secret_of(temp, "one\ntwo\n").line == "one");
    CHECK(secret_of(temp, "one\r\n").line == "one");
    CHECK(secret_of(temp, "one").line == "one");
    CHECK(secret_of(temp, "").line.empty());
    CHECK(secret_of(temp, std::string(3000, 'x')).line == std::string(1023, 'x'));
    CHECK(secret_of(temp, "one").regular);
    CHECK_FALSE(secret_of(temp, "one").others_may_read);
  }

  TEST_CASE("what others may read is not read") {
    const TempDir temp;
    const auto secret = secret_of(temp, "one", 0640);
    CHECK(secret.others_may_read);
    CHECK(secret.line.empty());
  }

  TEST_CASE("a pipe gives its line in pieces, as it comes") {
    const Pipe pipe;
    std::thread writer([&] {
      REQUIRE(::write(pipe.ends[1], "on", 2) == 2);
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
      REQUIRE(::write(pipe.ends[1], "e\ntwo\n", 6) == 6);
    });
    const auto secret = read_secret(pipe.path(), "read the password file");
    writer.join();
    CHECK(secret.line == "one");
    CHECK_FALSE(secret.regular);
  }

  TEST_CASE("a pipe that stays silent is not waited for for ever; a FIFO or a device is no file") {
    const TempDir temp;
    const auto path = temp.path("pipe");
    REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
    const auto start = std::chrono::steady_clock::now();
    const Pipe pipe;
    CHECK(read_secret(pipe.path(), "read", std::chrono::milliseconds(50)).line.empty());
    CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(5));
    for (const char* device : {path.c_str(), "/dev/zero", "/dev/null", "/"}) {
      CAPTURE(device);
      const auto secret = read_secret(device, "read the password file");
      CHECK_FALSE(secret.readable);
      CHECK(secret.line.empty());
    }
  }

  TEST_CASE("what cannot be opened is an error, what cannot be read has no line") {
    const TempDir temp;
    try {
      read_secret(temp.path("gone"), "read the password file");
      FAIL("read");
    } catch (const Error& error) {
      CHECK(error.kind() == Kind::missing);
      CHECK(std::string(error.what()).starts_with("cannot read the password file '" + temp.path("gone")));
    }
    put(temp.path("secret"), "one");
    for (const char* operation : {"open", "fstat"}) {
      const Failing hook(operation, EIO);
      CHECK_THROWS_AS(read_secret(temp.path("secret"), "read"), Error);
    }
    const Failing hook("read", EIO);
    CHECK(secret_of(temp, "one").line.empty());
  }
}
