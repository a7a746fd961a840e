#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

namespace recentd::sys {

// The one place where tests make system calls fail. Each syscall wrapper of sys calls it first with the
// operation's name ("open", "read", "write", "fsync", "rename", "mkdir", "unlink", "spawn", ...) and the
// path. Returns 0 (go on) or the errno to fail with. Without a hook it costs one load and a branch. Safe from
// any thread. Throws what the hook throws, and Error{config} if RECENTD_FAULT makes no sense.
int fault(std::string_view operation, std::string_view path);

// While it lives, fault() says 0 to its thread without asking the hook: for what destructors do to clean up,
// where nothing may be thrown.
class FaultPause {
 public:
  FaultPause() noexcept;
  ~FaultPause();
  FaultPause(const FaultPause&) = delete;
  FaultPause& operator=(const FaultPause&) = delete;
};

// Sets (or with an empty function removes) the hook; the hook may also throw or end the process.
// At first use the environment variable RECENTD_FAULT=OPERATION:N:ERRNO|kill sets one that fails, or kills
// the process at, the N-th such operation, counted from 1 (for tests that drive the program). ERRNO is a
// number or a name such as ENOSPC.
using FaultHook = std::function<int(std::string_view operation, std::string_view path)>;
void set_fault_hook(FaultHook hook);

}  // namespace recentd::sys
