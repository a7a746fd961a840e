// What a burst of changes below a watched tree costs.

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include "support/watched.hpp"

using namespace recentd::test;

namespace {

constexpr int k_directories = 100;

// Makes or removes so many files in some directories.
class Burst {
 public:
  Burst(const Watched& tree, int files) : root_(tree.path()), files_(files) {}

  void make() const {
    for (int i = 0; i < files_; ++i) {
      const int file = ::open(path(i).c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0644);
      REQUIRE(file >= 0);
      ::close(file);
    }
  }
  void remove() const {
    for (int i = 0; i < files_; ++i) REQUIRE(::unlink(path(i).c_str()) == 0);
  }

 private:
  [[nodiscard]] std::string path(int i) const {
    return root_ + "/d" + std::to_string(i % k_directories) + "/some-file-name-" + std::to_string(i);
  }
  std::string root_;
  int files_;
};

std::uint64_t peak_kib(pid_t process) {
  std::ifstream in("/proc/" + std::to_string(process) + "/status");
  for (std::string word; in >> word;) {
    std::uint64_t kib = 0;
    if (word == "VmHWM:" && in >> kib) return kib;
  }
  return 0;
}

// Watched without a line for each file.
std::unique_ptr<Program> watch_silently(const Watched& tree, const std::string& method) {
  return std::make_unique<Program>(std::vector<std::string>{
      RECENTD_PROGRAM, "watch", tree.path(), "--state", tree.state(), "--fsync", "none", "--method", method,
      "--max-delete", "none", "--aggregate", "5", "--batch-delay", "0.05"});
}

}  // namespace

TEST_SUITE("e2e::watch_burst") {
  TEST_CASE("of files that come and go in masses none is missed, and they cost little memory") {
    const bool is_long = std::getenv("RECENTD_LONG") != nullptr;
    const int files = is_long ? 1'000'000 : 10'000;
    const std::chrono::seconds limit(is_long ? 600 : 30);
    for (const auto& method : watch_methods()) {
      CAPTURE(method);
      Watched tree(k_tmpfs);
      tree.shell("for i in $(seq 0 " + std::to_string(k_directories - 1) + "); do mkdir d$i; done");
      tree.write("first", "1");
      tree.init();
      const auto program = watch_silently(tree, method);
      tree.write("begun", "1");
      REQUIRE(tree.eventually_has("begun"));
      const Burst burst(tree, files);
      burst.make();
      if (!is_long) REQUIRE(eventually([&] { return tree.index().size() > 2; }, limit));
      burst.remove();
      tree.write("last", "1");
      REQUIRE(eventually([&] { return tree.index() == Names{"first", "begun", "last"}; }, limit));
      const auto mib = peak_kib(program->pid()) / 1024;
      MESSAGE(method, ": ", files, " files that came and went took ", mib, " MiB");
      CHECK(mib > 0);
      if (is_long) CHECK(mib <= 100);
      program->send(SIGTERM);
      CHECK(program->wait(std::chrono::seconds(60)).exit_code == 0);
      CHECK(tree.index() == Names{"first", "begun", "last"});
    }
  }
}
