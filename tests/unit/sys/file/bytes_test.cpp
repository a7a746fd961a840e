#include "sys/file/bytes.hpp"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <fstream>
#include <thread>
#include <vector>

#include <doctest/doctest.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <recentd/error.hpp>

#include "sys/fault.hpp"
#include "sys/fd.hpp"
#include "sys/process/signal_free_thread.hpp"
#include "unit/sys/temp_dir.hpp"

using namespace recentd;
using namespace recentd::sys;
using recentd::sys::test::put;
using recentd::sys::test::TempDir;

namespace {

constexpr std::size_t k_mega = std::size_t{1} << 20;

template <class Action>
Kind kind_of(Action action) {
  try {
    action();
  } catch (const Error& error) {
    return error.kind();
  }
  return Kind::internal;
}

std::string pattern(std::size_t size) {
  std::string text(size, '\0');
  for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>('a' + i % 23);
  return text;
}

}  // namespace

TEST_SUITE("sys::bytes") {
  TEST_CASE("two files are compared without being loaded; what is no file has no content") {
    const TempDir dir;
    const std::string large(200'000, 'x');
    put(dir.path("one"), large);
    put(dir.path("same"), large);
    put(dir.path("last"), large.substr(1) + "y");
    put(dir.path("shorter"), large.substr(1));
    put(dir.path("empty"), "");
    const auto same = [&](const char* a, const char* b) { return same_content(dir.path(a), dir.path(b)); };
    CHECK(same("one", "same"));
    CHECK(same("empty", "empty"));
    for (const char* other : {"last", "shorter", "empty", "missing"}) CHECK_FALSE(same("one", other));
    CHECK_FALSE(same_content("/dev/null", "/dev/null"));
  }

  TEST_CASE("small and mapped files have their content") {
    const TempDir dir;
    for (const std::size_t size : {std::size_t{0}, std::size_t{1}, 8 * k_mega, 8 * k_mega + 1, 9 * k_mega}) {
      CAPTURE(size);
      const std::string content = pattern(size);
      put(dir.path("f"), content);
      const auto bytes = read_file(dir.path("f"));
      CHECK((bytes->view() == content));
      CHECK_FALSE(bytes->torn());
    }
    CHECK(bytes_from("text")->view() == "text");
  }

  TEST_CASE("pages of a mapped file that are let go are no memory of ours until they are looked at again") {
    const TempDir dir;
    const std::string content = pattern(40 * k_mega);
    put(dir.path("f"), content);
    const auto bytes = read_file(dir.path("f"));
    const auto pages_mapped = [] {
      std::ifstream in("/proc/self/statm");
      std::size_t all = 0, resident = 0, shared = 0;
      in >> all >> resident >> shared;
      return shared * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
    };
    CHECK((bytes->view() == content));
    const auto before = pages_mapped();
    bytes->let_go(bytes->view().substr(5, 35 * k_mega));
    CHECK(pages_mapped() + 34 * k_mega < before);
    CHECK((bytes->view() == content));
    CHECK_FALSE(bytes->torn());
    bytes_from("text")->let_go("text");
  }

  TEST_CASE("what the kernel makes up as it is read has its content, and an empty file none") {
    CHECK(read_file("/proc/self/cmdline")->view().find("test_sys") != std::string_view::npos);
    CHECK(read_file("/proc/sys/kernel/random/boot_id")->view().size() == 37);
    const TempDir dir;
    put(dir.path("empty"), "");
    CHECK(read_file(dir.path("empty"))->view().empty());
  }

  TEST_CASE("content outlives the file's name and its replacement") {
    const TempDir dir;
    put(dir.path("f"), pattern(9 * k_mega));
    const auto bytes = read_file(dir.path("f"));
    put(dir.path("new"), "short");
    ::rename(dir.path("new").c_str(), dir.path("f").c_str());
    CHECK((bytes->view() == pattern(9 * k_mega)));
    CHECK_FALSE(bytes->torn());
  }

  TEST_CASE("a mapped file that is cut reads as zeros and says so") {
    const TempDir dir;
    put(dir.path("f"), pattern(16 * k_mega));
    const auto bytes = read_file(dir.path("f"));
    REQUIRE(::truncate(dir.path("f").c_str(), 4096) == 0);
    const std::string_view view = bytes->view();
    REQUIRE(view.size() == 16 * k_mega);
    CHECK(view[4095] == 'a' + 4095 % 23);
    CHECK(view[10 * k_mega] == 0);
    CHECK(bytes->torn());
    CHECK(std::count(view.begin(), view.end(), '\0') == 16 * static_cast<std::ptrdiff_t>(k_mega) - 4096);
  }

  TEST_CASE("a cut inside the last page is noticed too") {
    const TempDir dir;
    put(dir.path("f"), pattern(9 * k_mega));
    const auto bytes = read_file(dir.path("f"));
    REQUIRE(::truncate(dir.path("f").c_str(), static_cast<off_t>(9 * k_mega - 10)) == 0);
    CHECK(bytes->view().back() == 0);
    CHECK(bytes->torn());
  }

  TEST_CASE("several threads may walk off the same cut file, and other mappings stay whole") {
    const TempDir dir;
    put(dir.path("cut"), pattern(16 * k_mega));
    put(dir.path("whole"), pattern(9 * k_mega));
    const auto cut = read_file(dir.path("cut"));
    const auto whole = read_file(dir.path("whole"));
    REQUIRE(::truncate(dir.path("cut").c_str(), 0) == 0);
    std::atomic<std::size_t> zeros{0};
    std::vector<std::thread> threads;
    const auto count = [&] {
      const std::string_view view = cut->view();
      zeros += static_cast<std::size_t>(std::count(view.begin(), view.end(), '\0'));
    };
    for (int i = 0; i < 4; ++i) threads.emplace_back(count);
    for (std::thread& thread : threads) thread.join();
    CHECK(zeros == 4 * 16 * k_mega);
    CHECK(cut->torn());
    CHECK((whole->view() == pattern(9 * k_mega)));
    CHECK_FALSE(whole->torn());
  }

  TEST_CASE("a thread that no signal is delivered to may walk off a cut file, too") {
    const TempDir dir;
    put(dir.path("cut"), pattern(16 * k_mega));
    const auto cut = read_file(dir.path("cut"));
    REQUIRE(::truncate(dir.path("cut").c_str(), 0) == 0);
    char last = 'x';
    signal_free_thread([&] { last = cut->view().back(); }).join();
    CHECK(last == 0);
    CHECK(cut->torn());
  }

  TEST_CASE("more mapped files than the guard has room for are read instead") {
    const TempDir dir;
    put(dir.path("f"), pattern(8 * k_mega + 1));
    std::vector<std::shared_ptr<const Bytes>> held;
    for (int i = 0; i < 260; ++i) held.push_back(read_file(dir.path("f")));
    CHECK((held.back()->view() == pattern(8 * k_mega + 1)));
    REQUIRE(::truncate(dir.path("f").c_str(), 0) == 0);
    CHECK((held.back()->view() == pattern(8 * k_mega + 1)));
    CHECK_FALSE(held.back()->torn());
    CHECK(held.front()->torn());
  }

  TEST_CASE("a bus error of somebody else's mapping still kills") {
    const TempDir dir;
    put(dir.path("guarded"), pattern(9 * k_mega));
    put(dir.path("other"), pattern(8192));
    const auto guarded = read_file(dir.path("guarded"));
    const pid_t pid = ::fork();
    REQUIRE(pid >= 0);
    if (pid == 0) {
      const Fd fd(::open(dir.path("other").c_str(), O_RDWR));
      const void* memory = ::mmap(nullptr, 8192, PROT_READ, MAP_PRIVATE, fd.get(), 0);
      if (memory == MAP_FAILED || ::ftruncate(fd.get(), 0) != 0) ::_exit(1);
      const char lost = *static_cast<const volatile char*>(memory);
      ::_exit(lost == 0 ? 2 : 3);
    }
    int status = 0;
    ::waitpid(pid, &status, 0);
    // A sanitizer's own handler ends the process with a report instead of the signal.
    CHECK((WIFSIGNALED(status) ? WTERMSIG(status) == SIGBUS
                               : WEXITSTATUS(status) > 3 || WEXITSTATUS(status) == 1));
    const pid_t sent = ::fork();
    REQUIRE(sent >= 0);
    if (sent == 0) {
      ::raise(SIGBUS);
      ::_exit(0);
    }
    ::waitpid(sent, &status, 0);
    CHECK_FALSE((WIFEXITED(status) && WEXITSTATUS(status) == 0));
  }

  TEST_CASE("what cannot be read says why by its kind") {
    const TempDir dir;
    put(dir.path("f"), "12345");
    REQUIRE(::mkfifo(dir.path("fifo").c_str(), 0600) == 0);
    CHECK(kind_of([&] { read_file(dir.path("absent")); }) == Kind::missing);
    CHECK(kind_of([&] { read_file(dir.path()); }) == Kind::io);
    CHECK(kind_of([&] { read_file(dir.path("fifo")); }) == Kind::io);
    CHECK(kind_of([&] { read_file(dir.path("f"), 4); }) == Kind::refused);
    CHECK(read_file(dir.path("f"), 5)->view() == "12345");
    set_fault_hook(
        [](std::string_view operation, std::string_view) { return operation == "read" ? EIO : 0; });
    CHECK(kind_of([&] { read_file(dir.path("f")); }) == Kind::io);
    set_fault_hook({});
  }

  TEST_CASE("read_file follows a link, read_file_at does not") {
    const TempDir dir;
    put(dir.path("f"), "content");
    REQUIRE(::symlink("f", dir.path("link").c_str()) == 0);
    const Fd fd(::open(dir.path().c_str(), O_RDONLY | O_DIRECTORY));
    CHECK(read_file(dir.path("link"))->view() == "content");
    CHECK(read_file_at(fd.get(), "f", "shown/f")->view() == "content");
    CHECK(kind_of([&] { read_file_at(fd.get(), "link", "shown/link"); }) == Kind::io);
    CHECK_THROWS_WITH_AS(read_file_at(fd.get(), "none", "shown/none"),
                         "cannot open 'shown/none': No such file or directory", Error);
  }
}
