#include "upstream/rsync_settings.hpp"

#include <utility>

namespace recentd::upstream {

transport::RsyncSettings rsync_settings(const ConnectOptions& options, std::vector<int> inherited_fds) {
  transport::RsyncSettings settings;
  settings.program = options.rsync_program;
  settings.options = options.rsync_options;
  settings.io_timeout = options.rsync_timeout;
  settings.stall = {options.stall_timeout, options.min_rate};
  settings.password = options.password;
  settings.password_file = options.password_file;
  settings.inherited_fds = std::move(inherited_fds);
  return settings;
}

}  // namespace recentd::upstream
