#pragma once

#include <sys/types.h>

#include "sys/fd.hpp"
#include "sys/process/process.hpp"

namespace recentd::sys {

// A child that was started: its process (group) id, a descriptor that becomes readable when it ends (not
// valid on kernels without pidfd), and our ends of its pipes, which never block.
struct Child {
  pid_t pid = -1;
  Fd pidfd;
  Fd input;
  Fd output;
  Fd error;
};

// Starts the program of the request by vfork: a fork of a process of 2 GB takes 42 ms.
// Throws Error{missing} if there is no such program, Error{io} if it cannot be started.
Child spawn(const ProcessRequest& request);

}  // namespace recentd::sys
