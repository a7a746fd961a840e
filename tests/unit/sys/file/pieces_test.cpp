#include "sys/file/pieces.hpp"

#include <cerrno>

#include <doctest/doctest.h>
#include <unistd.h>

#include "unit/sys/fault_hook.hpp"
#include "unit/sys/temp_dir.hpp"

using namespace recentd;
using namespace recentd::sys;
using namespace recentd::sys::test;

namespace {

struct File {
  explicit File(const std::string& content) { put(temp.path("file"), content); }
  [[nodiscard]] std::optional<std::string> read(const FileFacts& version, const char* name = "file") const {
    std::string all;
    const auto take = [&](std::string_view piece) { all += piece; };
    const bool whole = read_version(root, *RelPath::parse(name, Bookkeeping()), version, take);
    return whole ? std::optional(all) : std::nullopt;
  }
  [[nodiscard]] FileFacts facts() const { return *lstat_path(temp.path("file")); }

  TempDir temp;
  Dir root{temp.path()};
};

}  // namespace

TEST_SUITE("sys::pieces") {
  TEST_CASE("a version is read whole, however many pieces it has") {
    for (const std::size_t size : {0, 1, 256 * 1024, 700'000}) {
      const File file(std::string(size, 'x'));
      CHECK(file.read(file.facts()) == std::string(size, 'x'));
    }
  }

  TEST_CASE("a file below the root is read, and no link is followed to it") {
    const File file("text");
    const auto read = [&](const char* name) {
      const auto bytes = read_below(file.root, *RelPath::parse(name, Bookkeeping()));
      return bytes ? std::string(bytes->view()) : "(none)";
    };
    CHECK(read("file") == "text");
    REQUIRE(::symlink("file", file.temp.path("link").c_str()) == 0);
    REQUIRE(::symlink(".", file.temp.path("around").c_str()) == 0);
    for (const char* name : {"link", "around/file", "around", "gone", "gone/file", "file/file"})
      CHECK(read(name) == "(none)");
  }

  TEST_CASE("another version, a link and what is not there are none") {
    const File file("text");
    auto other = file.facts();
    other.mtime_ns ^= 1;
    CHECK_FALSE(file.read(other));
    REQUIRE(::symlink("file", file.temp.path("link").c_str()) == 0);
    CHECK_FALSE(file.read(file.facts(), "link"));
    CHECK_FALSE(file.read(file.facts(), "gone"));
  }

  TEST_CASE("a failure on the way is none") {
    const File file("text");
    const auto facts = file.facts();
    for (const char* operation : {"open", "read", "fstat"}) {
      CAPTURE(operation);
      const Failing hook(operation, EIO);
      CHECK_FALSE(file.read(facts));
    }
  }
}
