#pragma once

#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

namespace recentd::test {

// A process that runs beside the test. Killed and waited for by the destructor.
class Child {
 public:
  explicit Child(pid_t pid) : pid_(pid) {}
  Child(Child&& other) noexcept : pid_(std::exchange(other.pid_, -1)) {}
  Child& operator=(Child&&) = delete;
  ~Child() { kill(); }
  [[nodiscard]] pid_t pid() const noexcept { return pid_; }
  // The exit code; 128 + signal if a signal ended it.
  int wait() {
    int status = 0;
    if (pid_ < 0) return -1;
    while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    pid_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }
  void kill() {
    if (pid_ < 0) return;
    ::kill(pid_, SIGKILL);
    wait();
  }

 private:
  pid_t pid_;
};

// Runs work() in a forked child whose exit code is what it returns; 99 if it throws.
template <class Work>
Child start_child(Work work) {
  const pid_t pid = ::fork();
  if (pid < 0) throw std::runtime_error("no fork");
  if (pid == 0) {
    int code = 99;
    try {
      code = work();
    } catch (const std::exception&) {
      code = 98;
    }
    ::_exit(code);
  }
  return Child(pid);
}

template <class Work>
int in_child(Work work) {
  return start_child(std::move(work)).wait();
}

inline Child start_program(const std::vector<std::string>& argv) {
  return start_child([&] {
    std::vector<char*> words;
    for (const std::string& word : argv) words.push_back(const_cast<char*>(word.c_str()));
    words.push_back(nullptr);
    ::execvp(words.front(), words.data());
    return 97;
  });
}

// The pid of a process that has ended.
inline int dead_pid() {
  Child child = start_child([] { return 0; });
  const int pid = child.pid();
  child.wait();
  return pid;
}

}  // namespace recentd::test
