#include "target/kept_links.hpp"

#include "sys/file/atomic_file.hpp"
#include "sys/tree/dir.hpp"

namespace recentd::target {
namespace {

constexpr const char* k_note = "/keep-dirlinks";

}  // namespace

void note_kept_links(const std::string& private_directory, bool keeps) {
  const auto path = private_directory + k_note;
  const bool noted = sys::lstat_path(path).has_value();
  if (noted == keeps) return;
  if (!keeps) {
    sys::unlink_file(path);
    return;
  }
  sys::AtomicFile file(path, path + ".new", Fsync::none);
  file.commit();
}

bool keeps_links(const std::string& target) {
  return sys::lstat_path(target + "/.recentd" + k_note).has_value();
}

}  // namespace recentd::target
