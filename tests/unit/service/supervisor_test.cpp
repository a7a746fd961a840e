#include "service/supervisor.hpp"

#include <csignal>
#include <thread>

#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <recentd/error.hpp>

#include "support/tools/run_program.hpp"
#include "support/tools/temp_tree.hpp"

using namespace recentd;
using namespace recentd::service;
using namespace std::chrono_literals;

namespace {

// Two trees whose directories need not exist.
constexpr const char* k_file =
    "mirrors:\n  a: {source: 'h::m', target: /no/a}\n  b: {source: 'h::m', target: /no/b}\n";

// A supervisor in a process of its own, whose trees do this work. The process has no other threads.
class Child {
 public:
  explicit Child(const Tree::Work& work) {
    const auto file = place_.write("c.yaml", k_file);
    pid_ = ::fork();
    if (pid_ != 0) return;
    const auto started = [&](const settings::TreeConfig& config, Clock& clock, StatusBoard& board) {
      place_.write("started-" + config.name, "");
      work(config, clock, board);
    };
    ::_exit(Supervisor(file, settings::read_config(file), started).run());
  }
  ~Child() {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  bool is_up() {
    return test::eventually([&] { return place_.exists("started-a") && place_.exists("started-b"); });
  }
  void send(int signal) const { ::kill(pid_, signal); }
  // The exit code; -1 if it has not ended in time.
  int wait(std::chrono::milliseconds limit = 10s) {
    int status = 0;
    const bool ended = test::eventually([&] { return ::waitpid(pid_, &status, WNOHANG) == pid_; }, limit);
    return ended && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

 private:
  test::TempTree place_{"supervisor"};
  pid_t pid_ = -1;
};

}  // namespace

TEST_SUITE("service::supervisor") {
  TEST_CASE("trees that end when asked end with code 0") {
    Child child([](const auto&, Clock& clock, StatusBoard&) { clock.sleep_for(1h); });
    REQUIRE(child.is_up());
    child.send(SIGTERM);
    CHECK(child.wait(2s) == 0);
  }

  TEST_CASE("a tree that does not come to a safe point is left behind within five seconds") {
    Child child([](const settings::TreeConfig& config, Clock& clock, StatusBoard&) {
      while (config.name == "b") std::this_thread::sleep_for(1h);
      clock.sleep_for(1h);
    });
    REQUIRE(child.is_up());
    const auto start = std::chrono::steady_clock::now();
    child.send(SIGINT);
    CHECK(child.wait() == exit_code(Kind::incomplete));
    CHECK(std::chrono::steady_clock::now() - start < 5s);
  }

  TEST_CASE("the exit code is that of the first tree in the file that ended with an error") {
    Child child([](const settings::TreeConfig& config, Clock& clock, StatusBoard&) {
      if (config.name == "a") clock.sleep_for(100ms);
      throw Error(config.name == "a" ? Kind::transport : Kind::locked, "down");
    });
    CHECK(child.wait() == exit_code(Kind::transport));
  }
}
