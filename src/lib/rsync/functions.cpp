#include "lib/rsync/functions.hpp"

#include <recentd/error.hpp>

#include "base/text.hpp"
#include "sys/library.hpp"

namespace recentd::librsync {
namespace {

Functions load() {
  const sys::Library library("librsync.so.2");
  Functions all;
  library.find("rs_sig_begin", all.sig_begin);
  library.find("rs_job_iter", all.job_iter);
  library.find("rs_job_free", all.job_free);
  library.find("rs_strerror", all.strerror);
  library.find("rs_trace_set_level", all.trace_set_level);
  all.trace_set_level(RS_LOG_CRIT);  // what goes wrong is told by us
  return all;
}

}  // namespace

const Functions& functions() {
  try {
    static const Functions all = load();
    return all;
  } catch (const Error& error) {
    if (error.kind() != Kind::missing) throw;
    throw Error(Kind::missing, cat("signatures of large files need librsync, 2.2 or newer: ", error.what(),
                                   "; install librsync2"));
  }
}

}  // namespace recentd::librsync
