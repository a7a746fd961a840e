#include "measure.hpp"

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <thread>

#include <fcntl.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace recentd::bench {
namespace {

void must(bool ok, const char* what) {
  if (!ok) throw std::runtime_error(what);
}

Seconds of(const timeval& user, const timeval& system) {
  return Seconds(static_cast<double>(user.tv_sec + system.tv_sec) +
                 static_cast<double>(user.tv_usec + system.tv_usec) / 1e6);
}

void finish(int fd, const std::string& temporary, const std::string& path) {
  must(::fsync(fd) == 0, "fsync");
  ::close(fd);
  must(::rename(temporary.c_str(), path.c_str()) == 0, "rename");
  const int directory = ::open(std::filesystem::path(path).parent_path().c_str(), O_RDONLY | O_DIRECTORY);
  must(::fsync(directory) == 0, "fsync of the directory");
  ::close(directory);
}

}  // namespace

Seconds time_of(const std::function<void()>& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::steady_clock::now() - start;
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values.empty() ? 0 : values[values.size() / 2];
}

Seconds own_cpu() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return of(usage.ru_utime, usage.ru_stime);
}

std::size_t anonymous_rss() {
  std::ifstream status("/proc/self/status");
  std::string word;
  std::size_t total = 0, kilobytes = 0;
  while (status >> word)
    if ((word == "RssAnon:" || word == "RssShmem:") && status >> kilobytes) total += kilobytes * 1024;
  return total;
}

std::size_t peak_of(const std::function<void()>& work) {
  std::atomic<bool> over{false};
  std::size_t peak = 0;
  std::thread watcher([&] {
    while (!over) {
      peak = std::max(peak, anonymous_rss());
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  });
  work();
  over = true;
  watcher.join();
  return peak;
}

void plain_durable_write(const std::string& path, std::string_view bytes) {
  const auto temporary = path + ".plain";
  const int fd = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  must(fd >= 0, "open");
  while (!bytes.empty()) {
    const auto n = ::write(fd, bytes.data(), std::min<std::size_t>(bytes.size(), 1 << 20));
    must(n > 0, "write");
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
  finish(fd, temporary, path);
}

void plain_durable_copy(const std::string& from, const std::string& path) {
  const auto temporary = path + ".plain";
  const int in = ::open(from.c_str(), O_RDONLY | O_CLOEXEC);
  const int out = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  must(in >= 0 && out >= 0, "open");
  std::vector<char> buffer(1 << 20);
  for (ssize_t n = 0; (n = ::read(in, buffer.data(), buffer.size())) > 0;)
    must(::write(out, buffer.data(), static_cast<std::size_t>(n)) == n, "write");
  ::close(in);
  finish(out, temporary, path);
}

int run(const std::vector<std::string>& argv, const std::string& standard_input, Seconds* cpu) {
  int pipes[2];
  must(::pipe2(pipes, O_CLOEXEC) == 0, "pipe");
  std::vector<char*> arguments;
  for (const auto& argument : argv) arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  // Not fork(): copying this process's page tables would count as the program's time.
  posix_spawn_file_actions_t actions;
  must(::posix_spawn_file_actions_init(&actions) == 0, "posix_spawn_file_actions_init");
  ::posix_spawn_file_actions_adddup2(&actions, pipes[0], 0);
  ::posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
  pid_t pid = 0;
  const int failure = ::posix_spawnp(&pid, arguments[0], &actions, nullptr, arguments.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  must(failure == 0, "posix_spawnp");
  ::close(pipes[0]);
  for (std::string_view left = standard_input; !left.empty();) {
    const auto n = ::write(pipes[1], left.data(), left.size());
    if (n <= 0) break;
    left.remove_prefix(static_cast<std::size_t>(n));
  }
  ::close(pipes[1]);
  int status = 0;
  rusage usage{};
  ::wait4(pid, &status, 0, &usage);
  if (cpu) *cpu += of(usage.ru_utime, usage.ru_stime);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

void report(const std::string& what, double measured, double limit, const char* unit, bool at_most) {
  const bool holds = at_most ? measured <= limit : measured >= limit;
  std::printf("%-66s %10.2f %-9s limit %s %.2f  %s\n", what.c_str(), measured, unit,
              at_most ? "<=" : ">=", limit, holds ? "holds" : "MISSED");
  std::fflush(stdout);
}

void note(const std::string& text) {
  std::printf("  %s\n", text.c_str());
  std::fflush(stdout);
}

Scratch::Scratch(const std::string& place) {
  auto name = place + "/recentd-bench-XXXXXX";
  must(::mkdtemp(name.data()) != nullptr, "mkdtemp");
  path_ = name;
}

Scratch::~Scratch() {
  std::filesystem::remove_all(path_);
}

}  // namespace recentd::bench
