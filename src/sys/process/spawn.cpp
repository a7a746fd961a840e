#include "sys/process/spawn.hpp"

#include <algorithm>
#include <cstdlib>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/text.hpp"
#include "sys/failure.hpp"
#include "sys/fault.hpp"

namespace recentd::sys {

namespace {

constexpr int k_first_free_fd = 3;
constexpr unsigned k_close_range_cloexec = 1U << 2;

struct Pipe {
  Fd read;
  Fd write;
};

// Above 2, so that the dup2 calls of the child cannot hit one another, whatever we were started without.
Fd above_standard(Fd fd) {
  if (fd.get() >= k_first_free_fd) return fd;
  Fd moved(::fcntl(fd.get(), F_DUPFD_CLOEXEC, k_first_free_fd));
  if (!moved.valid()) fail(Kind::io, "make", "pipe", errno);
  return moved;
}

Pipe make_pipe() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) fail(Kind::io, "make", "pipe", errno);
  Fd read(ends[0]);
  Fd write(ends[1]);
  return {above_standard(std::move(read)), above_standard(std::move(write))};
}

void stop_blocking(const Fd& fd) noexcept {
  ::fcntl(fd.get(), F_SETFL, O_NONBLOCK);
}

// Everything that the child needs, made ready before: between vfork and exec it borrows our memory and may
// only make system calls.
struct Plan {
  std::string program;
  std::vector<std::string> added;
  std::vector<char*> argv;
  std::vector<char*> envp;
  std::vector<int> inherited;
  int fds_end = 0;
  rlim_t max_file_bytes = 0;
  pid_t parent = -1;
  int input = -1;
  int output = -1;
  int error = -1;
  int report = -1;
};

std::string_view key_of(std::string_view variable) noexcept {
  return variable.substr(0, variable.find('='));
}

void plan_environment(const ProcessRequest& request, Plan& plan) {
  for (const auto& [key, value] : request.environment) plan.added.push_back(key + "=" + value);
  const auto replaced = [&](const char* variable) {
    return std::any_of(request.environment.begin(), request.environment.end(),
                       [&](const auto& pair) { return pair.first == key_of(variable); });
  };
  for (char** at = environ; at != nullptr && *at != nullptr; ++at) {
    if (!replaced(*at)) plan.envp.push_back(*at);
  }
  for (std::string& variable : plan.added) plan.envp.push_back(variable.data());
  plan.envp.push_back(nullptr);
}

std::string_view search_path(const Plan& plan) noexcept {
  for (const char* variable : plan.envp) {
    if (variable != nullptr && key_of(variable) == "PATH") return std::string_view(variable).substr(5);
  }
  return "/usr/local/bin:/usr/bin:/bin";
}

bool is_program(const std::string& path) noexcept {
  struct stat facts {};
  return ::stat(path.c_str(), &facts) == 0 && S_ISREG(facts.st_mode) && ::access(path.c_str(), X_OK) == 0;
}

// Only absolute directories of PATH: the working directory may be somebody else's.
std::string resolve(const std::string& name, const Plan& plan) {
  if (name.find('/') != std::string::npos) return name;
  for (const std::string_view directory : split(search_path(plan), ':')) {
    const std::string path = cat(directory, "/", name);
    if (directory.starts_with('/') && !name.empty() && is_program(path)) return path;
  }
  throw Error(Kind::missing, cat("no program ", quoted(name), " in PATH; install it or give its path"), name);
}

void plan_program(const ProcessRequest& request, Plan& plan) {
  if (request.argv.empty()) throw Error(Kind::internal, "a process without a program");
  plan_environment(request, plan);
  plan.program = resolve(request.argv.front(), plan);
  for (const std::string& argument : request.argv) plan.argv.push_back(const_cast<char*>(argument.c_str()));
  plan.argv.push_back(nullptr);
  plan.inherited = request.inherited_fds;
  plan.max_file_bytes = request.max_file_bytes;
  plan.parent = ::getpid();
  plan.fds_end = static_cast<int>(std::clamp<long>(::sysconf(_SC_OPEN_MAX), 256, 65536));
}

[[noreturn]] void give_up(int report, int errno_value) noexcept {
  if (::write(report, &errno_value, sizeof errno_value) < 0) ::_exit(126);
  ::_exit(127);
}

void reset_signals() noexcept {
  struct sigaction action {};
  action.sa_handler = SIG_DFL;
  for (int signal = 1; signal < NSIG; ++signal) ::sigaction(signal, &action, nullptr);
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

// The signal stays ignored in the program, which then gets an error for its write and can say so. A limit
// that is lower already stays.
void limit_files(rlim_t bytes) noexcept {
  struct sigaction action {};
  action.sa_handler = SIG_IGN;
  ::sigaction(SIGXFSZ, &action, nullptr);
  rlimit limit{};
  if (::getrlimit(RLIMIT_FSIZE, &limit) != 0 || limit.rlim_cur <= bytes) return;
  limit.rlim_cur = bytes;
  ::setrlimit(RLIMIT_FSIZE, &limit);
}

void close_on_exec(const Plan& plan) noexcept {
  if (::syscall(SYS_close_range, k_first_free_fd, ~0U, k_close_range_cloexec) != 0) {
    for (int fd = k_first_free_fd; fd < plan.fds_end; ++fd) ::fcntl(fd, F_SETFD, FD_CLOEXEC);
  }
  for (const int fd : plan.inherited) {
    if (::fcntl(fd, F_SETFD, 0) != 0) give_up(plan.report, errno);
  }
}

// In the child, in the parent's memory: system calls only, and nothing that is not the child's own is
// changed.
[[noreturn]] void become_program(const Plan& plan) noexcept {
  ::setpgid(0, 0);
  // Not SIGKILL: rsync has a second process that only its first one can end, and temporary files to remove.
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (::getppid() != plan.parent) ::_exit(126);  // it died before the prctl
  reset_signals();
  if (plan.max_file_bytes != 0) limit_files(plan.max_file_bytes);
  if (::dup2(plan.input, 0) < 0 || ::dup2(plan.output, 1) < 0 || ::dup2(plan.error, 2) < 0) {
    give_up(plan.report, errno);
  }
  close_on_exec(plan);
  ::execve(plan.program.c_str(), plan.argv.data(), plan.envp.data());
  give_up(plan.report, errno);
}

// Our handlers must not run in the child, which shares our memory.
class SignalsBlocked {
 public:
  SignalsBlocked() noexcept {
    sigset_t all;
    sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &kept_);
  }
  ~SignalsBlocked() { ::pthread_sigmask(SIG_SETMASK, &kept_, nullptr); }
  SignalsBlocked(const SignalsBlocked&) = delete;
  SignalsBlocked& operator=(const SignalsBlocked&) = delete;

 private:
  sigset_t kept_{};
};

// -1 and errno on failure.
[[gnu::noinline]] pid_t start(const Plan& plan) noexcept {
  const pid_t pid = ::vfork();
  if (pid == 0) become_program(plan);
  return pid;
}

// What kept the child from running the program; 0 if it runs.
int report_of(const Fd& report) noexcept {
  int errno_value = 0;
  ssize_t got = -1;
  do {
    got = ::read(report.get(), &errno_value, sizeof errno_value);
  } while (got < 0 && errno == EINTR);
  return got == sizeof errno_value ? errno_value : 0;
}

void reap(pid_t pid) noexcept {
  while (::waitpid(pid, nullptr, 0) < 0 && errno == EINTR) {
  }
}

// Starts the plan with these pipe ends; throws if the program does not run.
pid_t launch(Plan& plan) {
  Pipe report = make_pipe();
  plan.report = report.write.get();
  int failure = fault("spawn", plan.program);
  pid_t pid = -1;
  if (failure == 0) {
    const SignalsBlocked blocked;
    pid = start(plan);
    if (pid < 0) failure = errno;
  }
  report.write.reset();
  if (pid > 0) failure = report_of(report.read);
  if (failure == 0) return pid;
  if (pid > 0) reap(pid);
  fail_missing_or_io("run the program", plan.program, failure);
}

// Started with SIGCHLD ignored, as some parents do, we would never learn how a child ended.
void keep_exit_statuses() noexcept {
  struct sigaction action {};
  ::sigaction(SIGCHLD, nullptr, &action);
  if (action.sa_handler != SIG_IGN && (action.sa_flags & SA_NOCLDWAIT) == 0) return;
  action = {};
  action.sa_handler = SIG_DFL;
  ::sigaction(SIGCHLD, &action, nullptr);
}

}  // namespace

Child spawn(const ProcessRequest& request) {
  keep_exit_statuses();
  Plan plan;
  plan_program(request, plan);
  Pipe input = make_pipe();
  Pipe output = make_pipe();
  Pipe error = make_pipe();
  plan.input = input.read.get();
  plan.output = output.write.get();
  plan.error = error.write.get();
  stop_blocking(input.write);
  stop_blocking(output.read);
  stop_blocking(error.read);
  Child child;
  child.pid = launch(plan);
  child.pidfd = Fd(static_cast<int>(::syscall(SYS_pidfd_open, child.pid, 0)));
  child.input = std::move(input.write);
  child.output = std::move(output.read);
  child.error = std::move(error.read);
  return child;
}

}  // namespace recentd::sys
