#pragma once

namespace recentd::cli {

// Brings what was printed to its reader. False if he is gone, which is nobody's fault: whoever says `| head`
// has seen enough. Throws Error{io} if it cannot be written.
bool flush_output();

}  // namespace recentd::cli
