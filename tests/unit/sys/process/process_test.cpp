#include "sys/process/process.hpp"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <thread>

#include <doctest/doctest.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <recentd/error.hpp>

#include "sys/fault.hpp"
#include "sys/fd.hpp"
#include "sys/file/file_lock.hpp"
#include "sys/process/line_splitter.hpp"
#include "sys/process/signals.hpp"
#include "unit/sys/temp_dir.hpp"

using namespace recentd;
using namespace recentd::sys;
using namespace std::chrono_literals;
using Lines = std::vector<std::string>;

namespace {

struct Outcome {
  ProcessResult result;
  Lines out;
  Lines err;
  std::chrono::steady_clock::duration took{};
};

Outcome run(ProcessRequest request) {
  Outcome outcome;
  request.on_output = [&](std::string_view line) { outcome.out.emplace_back(line); };
  request.on_error = [&](std::string_view line) { outcome.err.emplace_back(line); };
  const auto start = std::chrono::steady_clock::now();
  outcome.result = SystemProcessRunner().run(request);
  outcome.took = std::chrono::steady_clock::now() - start;
  return outcome;
}

ProcessRequest shell(const std::string& script) {
  ProcessRequest request;
  request.argv = {"sh", "-c", script};
  return request;
}

Kind kind_of_failure(const ProcessRequest& request) {
  try {
    SystemProcessRunner().run(request);
  } catch (const Error& error) {
    return error.kind();
  }
  return Kind::internal;
}

template <class Condition>
bool within(std::chrono::milliseconds limit, Condition condition) {
  const auto end = std::chrono::steady_clock::now() + limit;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(5ms);
  }
  return true;
}

}  // namespace

TEST_SUITE("sys::process") {
  TEST_CASE("output and errors arrive line by line, the last without its LF too") {
    const Outcome outcome = run(shell("printf 'a\\n\\nb c\\nlast'; printf 'e1\\ne2' >&2; exit 3"));
    CHECK(outcome.out == Lines{"a", "", "b c", "last"});
    CHECK(outcome.err == Lines{"e1", "e2"});
    CHECK(outcome.result.exit_status == 3);
    CHECK(outcome.result.signal == 0);
    CHECK_FALSE(outcome.result.ok());
  }

  TEST_CASE("long lines are cut at the limit, and the next one is whole") {
    ProcessRequest request = shell("printf '%0200000d\\nshort\\n' 0; printf '12345678901'");
    request.line_limit_bytes = 10;
    const Outcome outcome = run(request);
    CHECK(outcome.out == Lines{"0000000000", "short", "1234567890"});
  }

  TEST_CASE("arguments are not seen by a shell") {
    ProcessRequest request;
    request.argv = {"printf", "%s\\n", "$HOME; echo *", ""};
    CHECK(run(request).out == Lines{"$HOME; echo *", ""});
  }

  TEST_CASE("ten megabytes go through stdin and come back") {
    ProcessRequest request;
    request.argv = {"cat"};
    for (int i = 0; i < 100000; ++i)
      request.standard_input += std::string(104, static_cast<char>('a' + i % 26)) + '\n';
    std::string back;
    request.on_output = [&](std::string_view line) { (back += line) += '\n'; };
    CHECK(SystemProcessRunner().run(request).ok());
    CHECK(back.size() == 10500000);
    CHECK((back == request.standard_input));
  }

  TEST_CASE("input that is paced arrives whole, a piece every two milliseconds") {
    ProcessRequest request;
    request.argv = {"cat"};
    request.input = ProcessRequest::Input::paced;
    for (int i = 0; i < 1000; ++i) request.standard_input += std::string(99, 'x') + '\n';
    std::string back;
    request.on_output = [&](std::string_view line) { (back += line) += '\n'; };
    const auto start = std::chrono::steady_clock::now();
    CHECK(SystemProcessRunner().run(request).ok());
    CHECK(std::chrono::steady_clock::now() - start > std::chrono::milliseconds(2 * (100000 / 4096)));
    CHECK((back == request.standard_input));
  }

  TEST_CASE("a child that closes its stdin early is no trouble, and its stdin is empty without input") {
    ProcessRequest request = shell("exec <&-; sleep 0.05; exit 4");
    request.standard_input.assign(1 << 20, 'x');
    ::signal(SIGPIPE, SIG_DFL);
    CHECK(run(request).result.exit_status == 4);
    sigset_t pending;
    sigpending(&pending);
    CHECK(sigismember(&pending, SIGPIPE) == 0);
    CHECK(run(shell("cat; echo end")).out == Lines{"end"});
  }

  TEST_CASE("the environment is ours with what was added or replaced") {
    ::setenv("RECENTD_T1", "old", 1);
    ::setenv("RECENTD_T2", "kept", 1);
    ProcessRequest request = shell("echo $RECENTD_T1 $RECENTD_T2 $RECENTD_T3");
    request.environment = {{"RECENTD_T1", "new"}, {"RECENTD_T3", "added"}};
    CHECK(run(request).out == Lines{"new kept added"});
  }

  TEST_CASE("a program that is not there is missing, one that cannot be run is an I/O error") {
    const sys::test::TempDir dir;
    sys::test::put(dir.path("plain"), "text");
    sys::test::put(dir.path("broken"), "#!/no/such/interpreter\n");
    ::chmod(dir.path("broken").c_str(), 0755);
    ProcessRequest request;
    const auto kind = [&](const std::string& program) {
      request.argv = {program};
      return kind_of_failure(request);
    };
    CHECK(kind("recentd-no-such-program") == Kind::missing);
    CHECK(kind(dir.path("absent")) == Kind::missing);
    CHECK(kind(dir.path("broken")) == Kind::missing);
    CHECK(kind(dir.path("plain")) == Kind::io);
    CHECK(kind(dir.path()) == Kind::io);
    CHECK(kind("") == Kind::missing);
  }

  TEST_CASE("the search path of the child is used, its relative parts are not") {
    const sys::test::TempDir dir;
    sys::test::put(dir.path("only-here"), "#!/bin/sh\necho found\n");
    ::chmod(dir.path("only-here").c_str(), 0755);
    ProcessRequest request;
    request.argv = {"only-here"};
    request.environment = {{"PATH", ".::relative:" + dir.path() + ":/bin"}};
    CHECK(run(request).out == Lines{"found"});
    request.environment = {{"PATH", ".:"}};
    CHECK(kind_of_failure(request) == Kind::missing);
  }

  TEST_CASE("a child over its time is ended with its whole group") {
    ProcessRequest request = shell("sleep 61 & echo $!; echo $$; wait");
    request.time_limit = 200ms;
    const Outcome outcome = run(request);
    CHECK(outcome.result.timed_out);
    CHECK_FALSE(outcome.result.ok());
    CHECK(outcome.result.signal == SIGTERM);
    CHECK(outcome.took < 1900ms);
    REQUIRE(outcome.out.size() == 2);
    for (const std::string& pid : outcome.out) {
      CHECK(within(1s, [&] { return !process_exists(std::stoi(pid)); }));
    }
  }

  TEST_CASE("a child that ignores SIGTERM is killed two seconds later") {
    ProcessRequest request = shell("trap '' TERM; echo ready; while :; do sleep 0.1; done");
    request.time_limit = 100ms;
    const Outcome outcome = run(request);
    CHECK(outcome.result.timed_out);
    CHECK(outcome.result.signal == SIGKILL);
    CHECK(outcome.took >= 2s);
    CHECK(outcome.took < 4s);
  }

  TEST_CASE("a child whose group reads nothing is ended, one that reads is not") {
    ProcessRequest request = shell("sleep 60 & wait");
    request.stall = {400ms, 64};
    const Outcome outcome = run(request);
    REQUIRE(outcome.result.stalled);
    CHECK(outcome.result.stalled->time >= 400ms);
    CHECK(outcome.result.stalled->bytes < 64);
    CHECK_FALSE(outcome.result.ok());
    CHECK_FALSE(outcome.result.timed_out);
    CHECK(outcome.took < 3s);
    ProcessRequest busy =
        shell("i=0; while [ $i -lt 12 ]; do head -c 5000 /dev/zero >/dev/null; sleep 0.1; i=$((i+1)); done");
    busy.stall = request.stall;
    CHECK(run(busy).result.ok());
    ProcessRequest unlimited = shell("sleep 0.8");
    CHECK(run(unlimited).result.ok());
  }

  TEST_CASE("a child that says more than enough is ended") {
    ProcessRequest request;
    request.argv = {"yes"};
    std::size_t lines = 0;
    request.on_output = [&](std::string_view) { ++lines; };
    request.enough = [&] { return lines > 1000; };
    const ProcessResult result = SystemProcessRunner().run(request);
    CHECK(result.had_enough);
    CHECK_FALSE(result.ok());
    CHECK(lines < 10'000'000);
  }

  TEST_CASE("a child's files can be limited, which it is told by an error and not by a signal") {
    const sys::test::TempDir dir;
    ProcessRequest request = shell("head -c 5000 /dev/zero >" + dir.path("f"));
    request.max_file_bytes = 1000;
    const Outcome outcome = run(request);
    CHECK(outcome.result.signal == 0);
    CHECK(outcome.result.exit_status != 0);
    CHECK(outcome.err.size() == 1);
    CHECK(std::filesystem::file_size(dir.path("f")) == 1000);
    request.max_file_bytes = 5000;
    CHECK(run(request).result.ok());
  }

  TEST_CASE("a stop request ends the child") {
    install_stop_handlers();
    std::thread stopper([] {
      std::this_thread::sleep_for(100ms);
      set_stop_requested(true);
    });
    const Outcome outcome = run(shell("sleep 60"));
    stopper.join();
    set_stop_requested(false);
    CHECK(outcome.result.stopped);
    CHECK_FALSE(outcome.result.timed_out);
    CHECK(outcome.took < 1500ms);
    CHECK(run(shell("exit 0")).result.ok());
  }

  TEST_CASE("a grandchild that keeps the pipes open delays the end by two seconds at most") {
    const Outcome outcome = run(shell("sleep 30 & echo $!; exit 5"));
    CHECK(outcome.result.exit_status == 5);
    CHECK(outcome.took < 4s);
    REQUIRE(outcome.out.size() == 1);
    CHECK(process_exists(std::stoi(outcome.out[0])));
    ::kill(std::stoi(outcome.out[0]), SIGKILL);
  }

  TEST_CASE(
      "a grandchild that has to end with the child is killed when the pipes were read for two seconds") {
    auto request = shell("sleep 30 & echo $!; kill -9 $$");
    request.ends_with_child = true;
    const Outcome outcome = run(request);
    CHECK(outcome.result.signal == SIGKILL);
    CHECK(outcome.took < 10s);
    REQUIRE(outcome.out.size() == 1);
    CHECK_FALSE(process_exists(std::stoi(outcome.out[0])));
  }

  TEST_CASE("what a child wrote before it ended is not lost") {
    const Outcome outcome = run(shell("i=0; while [ $i -lt 5000 ]; do echo line $i; i=$((i+1)); done"));
    CHECK(outcome.out.size() == 5000);
    CHECK(outcome.out.back() == "line 4999");
  }

  TEST_CASE("only the descriptors that are named are inherited") {
    const sys::test::TempDir dir;
    const Fd inherited(::open(dir.path("a").c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600));
    const Fd other(::open(dir.path("b").c_str(), O_CREAT | O_RDWR, 0600));
    ProcessRequest request;
    request.argv = {"ls", "-1", "/proc/self/fd"};
    request.inherited_fds = {inherited.get()};
    const Lines out = run(request).out;
    const auto has = [&](int fd) { return std::count(out.begin(), out.end(), std::to_string(fd)) == 1; };
    CHECK(has(inherited.get()));
    // ls itself opens the lowest free one.
    CHECK(out.size() == 5);
    CHECK((::fcntl(inherited.get(), F_GETFD) & FD_CLOEXEC) != 0);
  }

  TEST_CASE("the child starts with default signals and in a group of its own") {
    ::signal(SIGUSR1, SIG_IGN);
    ProcessRequest request;
    request.argv = {"grep", "-E", "^Sig(Blk|Ign)", "/proc/self/status"};
    const Lines signals = run(request).out;
    ::signal(SIGUSR1, SIG_DFL);
    CHECK(signals == Lines{"SigBlk:\t0000000000000000", "SigIgn:\t0000000000000000"});
    const Lines group = run(shell("cut -d' ' -f5 /proc/$$/stat; echo $$")).out;
    REQUIRE(group.size() == 2);
    CHECK(group[0] == group[1]);
  }

  TEST_CASE("exit statuses arrive even if we were started with SIGCHLD ignored") {
    ::signal(SIGCHLD, SIG_IGN);
    CHECK(run(shell("exit 7")).result.exit_status == 7);
    ::signal(SIGCHLD, SIG_DFL);
  }

  TEST_CASE("a callback that throws leaves no child behind") {
    ProcessRequest request = shell("echo $$; exec sleep 60");
    int pid = 0;
    request.on_output = [&](std::string_view line) {
      pid = std::stoi(std::string(line));
      throw Error(Kind::refused, "enough");
    };
    CHECK(kind_of_failure(request) == Kind::refused);
    CHECK(pid > 0);
    CHECK_FALSE(process_exists(pid));
  }

  TEST_CASE("the child dies with its parent") {
    int ends[2];
    REQUIRE(::pipe(ends) == 0);
    const pid_t parent = ::fork();
    REQUIRE(parent >= 0);
    if (parent == 0) {
      ProcessRequest request = shell("echo $$; exec sleep 60");
      request.on_output = [&](std::string_view line) {
        if (::write(ends[1], line.data(), line.size()) < 0) ::_exit(1);
      };
      SystemProcessRunner().run(request);
      ::_exit(0);
    }
    char text[32] = {};
    REQUIRE(::read(ends[0], text, sizeof text - 1) > 0);
    const int sleeper = std::atoi(text);
    CHECK(process_exists(sleeper));
    ::kill(parent, SIGKILL);
    ::waitpid(parent, nullptr, 0);
    CHECK(within(1s, [&] { return !process_exists(sleeper); }));
    ::close(ends[0]);
    ::close(ends[1]);
  }

  TEST_CASE("runs in many threads do not disturb each other") {
    std::vector<std::thread> threads;
    std::vector<int> statuses(8, -1);
    for (int i = 0; i < 8; ++i) {
      threads.emplace_back([i, &statuses] {
        ProcessRequest request = shell("cat >/dev/null; exit " + std::to_string(i));
        request.standard_input.assign(200000, 'x');
        statuses[static_cast<std::size_t>(i)] = SystemProcessRunner().run(request).exit_status;
      });
    }
    for (std::thread& thread : threads) thread.join();
    CHECK(statuses == std::vector<int>{0, 1, 2, 3, 4, 5, 6, 7});
  }

  TEST_CASE("the fault hook can keep a program from starting") {
    set_fault_hook(
        [](std::string_view operation, std::string_view) { return operation == "spawn" ? EAGAIN : 0; });
    CHECK(kind_of_failure(shell("exit 0")) == Kind::io);
    set_fault_hook({});
  }
}

TEST_SUITE("sys::line_splitter") {
  TEST_CASE("pieces of any size give the same lines") {
    const std::string text = "alpha\n\nbeta gamma\n" + std::string(40, 'x') + "\nend";
    const Lines expected = {"alpha", "", "beta gamma", std::string(16, 'x'), "end"};
    for (std::size_t step = 1; step <= text.size(); ++step) {
      Lines lines;
      const LineSplitter::Callback callback = [&](std::string_view line) { lines.emplace_back(line); };
      LineSplitter splitter(callback, 16);
      for (std::size_t at = 0; at < text.size(); at += step)
        splitter.feed(std::string_view(text).substr(at, step));
      splitter.finish();
      CAPTURE(step);
      CHECK(lines == expected);
    }
  }
}
