#include "support/tools/run_program.hpp"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <stdexcept>
#include <thread>

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

namespace recentd::test {

namespace {

[[noreturn]] void fail(const std::string& what, int error) {
  throw std::runtime_error(what + ": " + std::strerror(error));
}

int memory_file(std::string_view content = {}) {
  const int fd = ::memfd_create("recentd-test", MFD_CLOEXEC);
  if (fd < 0) fail("memfd_create", errno);
  while (!content.empty()) {
    const auto n = ::write(fd, content.data(), content.size());
    if (n < 0) fail("write", errno);
    content.remove_prefix(static_cast<std::size_t>(n));
  }
  ::lseek(fd, 0, SEEK_SET);
  return fd;
}

std::string content_of(int fd) {
  std::string text;
  char buffer[65536];
  for (off_t at = 0;;) {
    const auto n = ::pread(fd, buffer, sizeof buffer, at);
    if (n <= 0) return text;
    text.append(buffer, static_cast<std::size_t>(n));
    at += n;
  }
}

// That the machine's rsync should be newer is true on an unpatched Debian 12, but no business of a test.
std::string without_rsync_warning(const std::string& text) {
  std::string rest;
  for (std::size_t start = 0; start < text.size();) {
    const auto end = std::min(text.find('\n', start), text.size() - 1) + 1;
    const auto line = text.substr(start, end - start);
    if (line.find(" warning mirror 'rsync  version ") == std::string::npos) rest += line;
    start = end;
  }
  return rest;
}

std::vector<std::string> merged(const Environment& changes) {
  std::vector<std::string> all;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    bool replaced = false;
    for (const auto& [name, value] : changes) replaced |= text.substr(0, text.find('=')) == name;
    if (!replaced) all.emplace_back(text);
  }
  for (const auto& [name, value] : changes) all.push_back(name + "=" + value);
  return all;
}

std::vector<char*> pointers(const std::vector<std::string>& strings) {
  std::vector<char*> all;
  for (const auto& text : strings) all.push_back(const_cast<char*>(text.c_str()));
  all.push_back(nullptr);
  return all;
}

std::chrono::microseconds to_duration(const timeval& time) {
  return std::chrono::seconds(time.tv_sec) + std::chrono::microseconds(time.tv_usec);
}

bool ends_within(int pidfd, std::chrono::milliseconds limit) {
  constexpr int k_look_ms = 50;
  Patience patience(limit);
  pollfd poll_fd{.fd = pidfd, .events = POLLIN, .revents = 0};
  for (;;) {
    const bool over = patience.over();
    if (::poll(&poll_fd, 1, over ? 0 : k_look_ms) > 0) return true;
    if (over) return false;
  }
}

}  // namespace

Program::Program(const std::vector<std::string>& argv, const Environment& environment,
                 std::string_view standard_input) {
  const int in_fd = memory_file(standard_input);
  out_fd_ = memory_file();
  err_fd_ = memory_file();
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, in_fd, 0);
  posix_spawn_file_actions_adddup2(&actions, out_fd_, 1);
  posix_spawn_file_actions_adddup2(&actions, err_fd_, 2);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
  const auto strings = merged(environment);
  const int error = ::posix_spawnp(&pid_, argv.at(0).c_str(), &actions, &attributes, pointers(argv).data(),
                                   pointers(strings).data());
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  ::close(in_fd);
  if (error != 0) {
    ::close(out_fd_);
    ::close(err_fd_);
    fail(argv[0], error);
  }
}

Program::~Program() {
  if (!ended_) wait(std::chrono::milliseconds(0));
  ::close(out_fd_);
  ::close(err_fd_);
}

bool Program::running() {
  if (ended_) return false;
  rusage usage{};
  if (::wait4(pid_, &status_, WNOHANG, &usage) != pid_) return true;
  cpu_ = to_duration(usage.ru_utime) + to_duration(usage.ru_stime);
  ended_ = true;
  return false;
}

void Program::send(int signal) const {
  if (!ended_) ::kill(pid_, signal);
}

ProgramResult Program::wait(std::chrono::milliseconds limit) {
  if (!ended_) {
    const int fd = static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0));
    if (fd < 0 || !ends_within(fd, limit)) ::kill(-pid_, SIGKILL);
    if (fd >= 0) ::close(fd);
    rusage usage{};
    while (::wait4(pid_, &status_, 0, &usage) < 0 && errno == EINTR) {
    }
    cpu_ = to_duration(usage.ru_utime) + to_duration(usage.ru_stime);
    ended_ = true;
  }
  const int code = WIFSIGNALED(status_) ? 128 + WTERMSIG(status_) : WEXITSTATUS(status_);
  return {.exit_code = code, .out = out(), .err = err(), .cpu = cpu_};
}

std::string Program::out() const {
  return content_of(out_fd_);
}
std::string Program::err() const {
  return without_rsync_warning(content_of(err_fd_));
}

ProgramResult run_program(const std::vector<std::string>& argv, const Environment& environment,
                          std::string_view standard_input) {
  return Program(argv, environment, standard_input).wait();
}

ProgramResult run_recentd(const std::vector<std::string>& arguments, const Environment& environment,
                          std::string_view standard_input) {
  std::vector<std::string> argv = {RECENTD_PROGRAM};
  argv.insert(argv.end(), arguments.begin(), arguments.end());
  return run_program(argv, environment, standard_input);
}

void sleep_a_moment() {
  std::this_thread::sleep_for(std::chrono::milliseconds(10));
}

namespace {

// The first line that holds this is taken out.
std::string without_line(const std::string& text, std::string_view part) {
  const auto at = text.find(part);
  if (at == std::string::npos) return text;
  const auto start = text.rfind('\n', at) + 1;  // 0 in the first line
  return text.substr(0, start) + text.substr(text.find('\n', at) + 1);
}

}  // namespace

std::string but_for_first_copy(const std::string& text) {
  return without_line(text, "warning mirror a first copy begins, as no mirror was ever in ");
}

std::string but_for_known_missing(const std::string& text) {
  return without_line(without_line(text, "warning mirror the index names a file that the upstream has not"),
                      "warning mirror all is mirrored but what cannot be had");
}

}  // namespace recentd::test
