#include "sys/process/heirs.hpp"

#include <charconv>
#include <filesystem>
#include <system_error>

#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <recentd/error.hpp>

#include "base/text.hpp"
#include "sys/fault.hpp"
#include "sys/file/bytes.hpp"
#include "sys/tree/dir.hpp"

namespace recentd::sys {

namespace {

namespace fs = std::filesystem;

std::string text_of(const std::string& path) {
  try {
    return std::string(read_file(path)->view());
  } catch (const Error&) {
    return {};  // it ended, or is nobody's business
  }
}

bool has_open(const std::string& process, const FileFacts& file) {
  std::error_code failure;
  for (fs::directory_iterator at(process + "/fd", failure), end; !failure && at != end;
       at.increment(failure)) {
    struct stat facts {};
    if (::stat(at->path().c_str(), &facts) == 0 && facts.st_dev == file.device && facts.st_ino == file.inode)
      return true;
  }
  return false;
}

bool was_handed_a_lock(const std::string& process) {
  const auto environment = text_of(process + "/environ");
  return environment.starts_with("RECENTD_LOCKS=") ||
         environment.find(std::string_view("\0RECENTD_LOCKS=", 15)) != std::string::npos;
}

}  // namespace

std::vector<int> heirs_of(const std::string& path, std::string_view program) {
  std::vector<int> heirs;
  const auto file = stat_path(path);
  if (!file || fault("open", "/proc") != 0) return heirs;
  std::error_code failure;
  for (fs::directory_iterator at("/proc", failure), end; !failure && at != end; at.increment(failure)) {
    const auto name = at->path().filename().string();
    int pid = 0;
    const auto [stop, error] = std::from_chars(name.data(), name.data() + name.size(), pid);
    if (error != std::errc() || stop != name.data() + name.size() || pid == ::getpid()) continue;
    const auto process = at->path().string();
    if (text_of(process + "/comm") == cat(program, "\n") && has_open(process, *file) &&
        !was_handed_a_lock(process))
      heirs.push_back(pid);
  }
  return heirs;
}

void end_process(int pid, Ending how) noexcept {
  ::kill(pid, how == Ending::tidy ? SIGTERM : SIGKILL);
}

}  // namespace recentd::sys
