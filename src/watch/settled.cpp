#include "watch/settled.hpp"

#include <recentd/error.hpp>

#include "base/text.hpp"
#include "sys/file/atomic_file.hpp"
#include "sys/file/bytes.hpp"
#include "sys/tree/paths.hpp"

namespace recentd::watch {

namespace {

std::string file_in(const std::string& state_directory) {
  return state_directory + "/watch";
}

std::string head_for(const sys::FileFacts& root) {
  return cat("recentd watch 1\nroot: ", root.device, " ", root.inode, "\nsettled: ");
}

}  // namespace

std::optional<TimePoint> read_settled(const std::string& state_directory, const sys::FileFacts& root) {
  const auto file = file_in(state_directory);
  if (!sys::stat_path(file)) return std::nullopt;
  try {
    const auto bytes = sys::read_file(file);
    std::string_view text = bytes->view();
    const auto head = head_for(root);
    if (!text.starts_with(head)) return std::nullopt;
    const auto nanoseconds =
        parse_unsigned(trimmed(text.substr(head.size(), text.find('\n', head.size()) - head.size())));
    if (!nanoseconds || *nanoseconds > INT64_MAX) return std::nullopt;
    return TimePoint(std::chrono::nanoseconds(*nanoseconds));
  } catch (const Error&) {
    return std::nullopt;
  }
}

void write_settled(const std::string& state_directory, const sys::FileFacts& root, TimePoint time) {
  sys::make_directories(state_directory);
  const auto file = file_in(state_directory);
  sys::AtomicFile out(file, file + ".new", Fsync::none);
  out.write(cat(head_for(root), time.time_since_epoch().count(), "\n"));
  out.commit();
}

}  // namespace recentd::watch
