#include "sys/file/atomic_file.hpp"

#include <atomic>
#include <cerrno>
#include <initializer_list>
#include <map>
#include <set>
#include <thread>

#include <doctest/doctest.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <recentd/error.hpp>

#include "sys/fault.hpp"
#include "sys/tree/dir.hpp"
#include "unit/sys/temp_dir.hpp"

using namespace recentd;
using namespace recentd::sys;
using recentd::sys::test::exists;
using recentd::sys::test::get;
using recentd::sys::test::put;
using recentd::sys::test::TempDir;

namespace {

constexpr std::size_t k_mega = std::size_t{1} << 20;

void replace(const std::string& path, const std::string& content, Fsync fsync = Fsync::full,
             std::size_t expected = 0) {
  AtomicFile file(path, path + ".new", fsync, expected);
  file.write(content);
  file.commit(TimePoint(std::chrono::seconds(1700000000)));
}

unsigned mode_of(const std::string& path) {
  struct stat facts {};
  REQUIRE(::stat(path.c_str(), &facts) == 0);
  return facts.st_mode & 07777;
}

// Runs `action` once without failures to count its operations by name, then once for each of them with that
// one failing; `check` is called after each failure with the operation.
template <class Action, class Check>
int fail_each(Action action, Check check) {
  std::map<std::string, int> counts;
  set_fault_hook([&](std::string_view operation, std::string_view) {
    ++counts[std::string(operation)];
    return 0;
  });
  action();
  int failures = 0;
  for (const auto& [name, count] : counts) {
    for (int nth = 1; nth <= count; ++nth) {
      int left = nth;
      set_fault_hook([&](std::string_view operation, std::string_view) {
        return operation == name && --left == 0 ? EIO : 0;
      });
      CAPTURE(name);
      CAPTURE(nth);
      CHECK_THROWS_AS(action(), Error);
      set_fault_hook({});
      check(name, nth);
      ++failures;
    }
  }
  return failures;
}

}  // namespace

TEST_SUITE("sys::atomic_file") {
  TEST_CASE("a file is made or replaced as a whole, under every policy") {
    const TempDir dir;
    for (const Fsync fsync : {Fsync::full, Fsync::data, Fsync::none}) {
      for (const std::string& content :
           {std::string("first"), std::string(), std::string(3 * k_mega + 17, 'x')}) {
        replace(dir.path("f"), content, fsync);
        CHECK((get(dir.path("f")) == content));
        CHECK_FALSE(exists(dir.path("f.new")));
      }
    }
    CHECK(lstat_path(dir.path("f"))->mtime_s == 1700000000);
  }

  TEST_CASE("the old content stays until commit, and without it") {
    const TempDir dir;
    put(dir.path("f"), "old");
    {
      AtomicFile file(dir.path("f"), dir.path("f.new"), Fsync::full);
      file.write(std::string(2 * k_mega, 'x'));
      CHECK(file.size() == 2 * k_mega);
      CHECK(get(dir.path("f")) == "old");
      CHECK(exists(dir.path("f.new")));
    }
    CHECK(get(dir.path("f")) == "old");
    CHECK_FALSE(exists(dir.path("f.new")));
  }

  TEST_CASE("space that was reserved and not used is given back") {
    const TempDir dir;
    replace(dir.path("f"), std::string(9 * k_mega, 'y'), Fsync::full, 32 * k_mega);
    CHECK((get(dir.path("f")) == std::string(9 * k_mega, 'y')));
    struct stat facts {};
    REQUIRE(::stat(dir.path("f").c_str(), &facts) == 0);
    CHECK(static_cast<std::size_t>(facts.st_blocks) * 512 < 12 * k_mega);
    replace(dir.path("f"), "tiny", Fsync::full, std::size_t{1} << 60);
    CHECK(get(dir.path("f")) == "tiny");
  }

  TEST_CASE("reserve and advance write what the caller filled in") {
    const TempDir dir;
    AtomicFile file(dir.path("f"), dir.path("f.new"), Fsync::none);
    std::string expected;
    for (std::size_t i = 0; i < 300; ++i) {
      const std::size_t filled = (i * 7919) % 9000;
      char* to = file.reserve(9000);
      std::fill(to, to + filled, static_cast<char>('a' + i % 26));
      file.advance(filled);
      expected.append(filled, static_cast<char>('a' + i % 26));
      file.write("|");
      expected += '|';
    }
    char* large = file.reserve(3 * k_mega);
    std::fill(large, large + 3 * k_mega, 'Z');
    file.advance(3 * k_mega);
    expected.append(3 * k_mega, 'Z');
    file.write("end");
    CHECK(file.size() == expected.size() + 3);
    file.commit();
    CHECK((get(dir.path("f")) == expected + "end"));
  }

  TEST_CASE("the mode is that of the old file, always readable by all") {
    const TempDir dir;
    const mode_t kept = ::umask(077);
    replace(dir.path("made"), "x");
    CHECK(mode_of(dir.path("made")) == 0644);
    ::umask(kept);
    put(dir.path("old"), "x");
    for (const auto& [before, after] : {std::pair{0664U, 0664U}, {0600U, 0644U}, {0755U, 0755U}}) {
      ::chmod(dir.path("old").c_str(), before);
      replace(dir.path("old"), "y");
      CHECK(mode_of(dir.path("old")) == after);
    }
  }

  TEST_CASE("a leftover temporary is replaced, a link there is not followed, a directory is an error") {
    const TempDir dir;
    put(dir.path("f.new"), std::string(100, 'z'));
    replace(dir.path("f"), "one");
    CHECK(get(dir.path("f")) == "one");
    put(dir.path("victim"), "precious");
    REQUIRE(::symlink("victim", dir.path("f.new").c_str()) == 0);
    replace(dir.path("f"), "two");
    CHECK(get(dir.path("f")) == "two");
    CHECK(get(dir.path("victim")) == "precious");
    CHECK(lstat_path(dir.path("f"))->type == FileType::regular);
    REQUIRE(::mkdir(dir.path("f.new").c_str(), 0755) == 0);
    CHECK_THROWS_AS(replace(dir.path("f"), "three"), Error);
    CHECK(get(dir.path("f")) == "two");
  }

  TEST_CASE("a failure of any operation before the rename leaves the old file, and no temporary of its own") {
    const TempDir dir;
    const std::string path = dir.path("f");
    const std::string content(10 * k_mega, 'n');
    std::set<std::string> seen;
    const auto action = [&] {
      put(path, "old");
      ::chmod(path.c_str(), 0664);  // so that the mode is set, too
      put(path + ".new", "of a writer that died");
      AtomicFile file(path, path + ".new", Fsync::full, 10 * k_mega);
      for (std::size_t at = 0; at < content.size(); at += 1000) file.write(content.substr(at, 1000));
      file.commit(TimePoint(std::chrono::seconds(1700000000)));
    };
    const int failures = fail_each(action, [&](const std::string& name, int nth) {
      seen.insert(name);
      // What a writer that died left goes only when a temporary can be made in its place.
      const bool not_begun = (name == "open" || name == "unlink") && nth == 1;
      CHECK(exists(dir.path("f.new")) == not_begun);
      const bool after_rename = name == "fsync" && nth == 2;
      CHECK((get(path) == (after_rename ? content : "old")));
    });
    CHECK(seen == std::set<std::string>{"chmod", "fsync", "ftruncate", "open", "rename", "unlink", "utimens",
                                        "write"});
    CHECK(failures >= 17);
  }

  TEST_CASE("its start can be put right when the rest is known") {
    const TempDir dir;
    for (const std::size_t reserved : {std::size_t{0}, 12 * k_mega}) {
      std::string content(9 * k_mega + 17, 'y');
      AtomicFile file(dir.path("f"), dir.path("f.new"), Fsync::full, reserved);
      for (std::size_t at = 0; at < content.size(); at += 1000) file.write(content.substr(at, 1000));
      file.replace_start("another beginning");
      file.write("end");
      file.commit();
      content.replace(0, 17, "another beginning");
      CHECK((get(dir.path("f")) == content + "end"));
    }
  }

  TEST_CASE("a failure to put the start right leaves the old file") {
    const TempDir dir;
    put(dir.path("f"), "old");
    AtomicFile file(dir.path("f"), dir.path("f.new"), Fsync::full);
    file.write("wrong content");
    int writes = 0;
    set_fault_hook([&](std::string_view operation, std::string_view) {
      return operation == "write" && ++writes == 2 ? EIO : 0;
    });
    CHECK_THROWS_AS(file.replace_start("right"), Error);
    set_fault_hook({});
    CHECK_THROWS_AS(file.commit(), Error);
    CHECK(get(dir.path("f")) == "old");
  }

  TEST_CASE("a full disk is an error that names the file, and nothing is renamed") {
    const TempDir dir;
    put(dir.path("f"), "old");
    rlimit kept{};
    REQUIRE(::getrlimit(RLIMIT_FSIZE, &kept) == 0);
    ::signal(SIGXFSZ, SIG_IGN);
    const rlimit small{2 * k_mega, kept.rlim_max};
    REQUIRE(::setrlimit(RLIMIT_FSIZE, &small) == 0);
    std::string what;
    try {
      replace(dir.path("f"), std::string(5 * k_mega / 2, 'x'));
    } catch (const Error& error) {
      what = error.what();
    }
    ::setrlimit(RLIMIT_FSIZE, &kept);
    CHECK(what == "cannot write '" + dir.path("f.new") + "': File too large");
    CHECK(get(dir.path("f")) == "old");
    CHECK_FALSE(exists(dir.path("f.new")));
  }

  TEST_CASE("after a failed write a commit is refused") {
    const TempDir dir;
    put(dir.path("f"), "old");
    AtomicFile file(dir.path("f"), dir.path("f.new"), Fsync::full);
    set_fault_hook(
        [](std::string_view operation, std::string_view) { return operation == "write" ? ENOSPC : 0; });
    CHECK_THROWS_AS(file.write(std::string(2 * k_mega, 'x')), Error);
    set_fault_hook({});
    CHECK_THROWS_AS(file.commit(), Error);
    CHECK(get(dir.path("f")) == "old");
  }

  TEST_CASE("a directory that is not there is missing") {
    const TempDir dir;
    try {
      replace(dir.path("no/f"), "x");
      FAIL("no error");
    } catch (const Error& error) {
      CHECK(error.kind() == Kind::missing);
    }
  }

  TEST_CASE("readers that run meanwhile see the old content or the new one, never a mixture") {
    const TempDir dir;
    const std::string path = dir.path("f");
    put(path, std::string(50000, 'a'));
    std::atomic<bool> done{false};
    std::atomic<int> bad{0};
    std::atomic<int> reads{0};
    std::thread reader([&] {
      while (!done) {
        const auto content = get(path);
        const bool whole = content && content->size() == 50000 &&
                           content->find_first_not_of(content->front()) == std::string::npos;
        if (!whole) ++bad;
        ++reads;
      }
    });
    for (int i = 0; i < 200; ++i)
      replace(path, std::string(50000, static_cast<char>('a' + i % 26)), Fsync::none);
    while (reads < 50) std::this_thread::yield();
    done = true;
    reader.join();
    CHECK(bad == 0);
  }

  TEST_CASE("parse_fsync knows three words") {
    CHECK(parse_fsync("full") == Fsync::full);
    CHECK(parse_fsync("data") == Fsync::data);
    CHECK(parse_fsync("none") == Fsync::none);
    for (const char* bad : {"", "Full", "no", "full "}) CHECK_FALSE(parse_fsync(bad));
  }
}

TEST_SUITE("sys::durable") {
  TEST_CASE("replace_symlink makes or changes a link, and does nothing when it is right") {
    const TempDir dir;
    const auto point = [&](const std::string& target) {
      return replace_symlink(dir.path("RECENT.recent"), target, dir.path("RECENT.recent.1"), Fsync::full);
    };
    CHECK(point("RECENT-1h.yaml"));
    CHECK(read_link(dir.path("RECENT.recent")) == "RECENT-1h.yaml");
    CHECK_FALSE(point("RECENT-1h.yaml"));
    put(dir.path("RECENT.recent.1"), "leftover");
    CHECK(point("RECENT-6h.yaml"));
    CHECK(read_link(dir.path("RECENT.recent")) == "RECENT-6h.yaml");
    CHECK_FALSE(exists(dir.path("RECENT.recent.1")));
  }

  TEST_CASE("a failure of any operation leaves the old link and no temporary") {
    const TempDir dir;
    const std::string path = dir.path("l");
    const auto reset = [&] {
      ::unlink(path.c_str());
      REQUIRE(::symlink("old", path.c_str()) == 0);
    };
    reset();
    const auto action = [&] { replace_symlink(path, "new", dir.path("t"), Fsync::full); };
    const int failures = fail_each(
        [&] {
          reset();
          action();
        },
        [&](const std::string& name, int) {
          CHECK(read_link(path) == (name == "fsync" ? "new" : "old"));
          CHECK_FALSE(exists(dir.path("t")));
        });
    CHECK(failures == 6);
  }

  TEST_CASE("directories and file systems are synced, or it is an error") {
    const TempDir dir;
    put(dir.path("f"), "x");
    CHECK_NOTHROW(sync_directory(dir.path()));
    CHECK_NOTHROW(sync_filesystem(dir.path()));
    CHECK_THROWS_AS(sync_directory(dir.path("f")), Error);
    CHECK_THROWS_AS(sync_filesystem(dir.path("none")), Error);
    set_fault_hook([](std::string_view operation, std::string_view) {
      return operation == "syncfs" || operation == "fsync" ? EIO : 0;
    });
    CHECK_THROWS_AS(sync_directory(dir.path()), Error);
    CHECK_THROWS_AS(sync_filesystem(dir.path()), Error);
    set_fault_hook({});
  }
}
