#pragma once

#include <thread>
#include <utility>

#include <signal.h>

namespace recentd::sys {

// A thread that no signal is delivered to: those are for the threads that know what to do about them. But for
// faults of its own: a mapped file may be cut under it (see mapping.hpp), and a blocked fault is death.
// Throws std::system_error if none can be started.
template <class Work>
std::thread signal_free_thread(Work work) {
  struct AllBlocked {
    AllBlocked() {
      sigset_t all;
      ::sigfillset(&all);
      for (const int fault : {SIGBUS, SIGSEGV, SIGFPE, SIGILL}) ::sigdelset(&all, fault);
      ::pthread_sigmask(SIG_SETMASK, &all, &before);
    }
    ~AllBlocked() { ::pthread_sigmask(SIG_SETMASK, &before, nullptr); }
    sigset_t before;
  } blocked;
  return std::thread(std::move(work));
}

}  // namespace recentd::sys
