#pragma once

#include <cstdio>

#include <librsync.h>

namespace recentd::librsync {

// The functions of librsync that are used. The library is loaded at the first call of functions(), so that
// those who sign no large file start without it.
struct Functions {
  decltype(&::rs_sig_begin) sig_begin = nullptr;
  decltype(&::rs_job_iter) job_iter = nullptr;
  decltype(&::rs_job_free) job_free = nullptr;
  decltype(&::rs_strerror) strerror = nullptr;
  decltype(&::rs_trace_set_level) trace_set_level = nullptr;
};

// Safe from any thread. Throws Error{missing} if the library is not installed or too old.
const Functions& functions();

}  // namespace recentd::librsync
