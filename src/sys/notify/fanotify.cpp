#include "sys/notify/fanotify.hpp"

#include <cstddef>
#include <cstring>
#include <memory>

#include <errno.h>
#include <fcntl.h>
#include <sys/fanotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.hpp"
#include "sys/failure.hpp"

namespace recentd::sys {

namespace {

constexpr std::size_t k_read_bytes = std::size_t{256} << 10;
constexpr std::uint64_t k_wanted =
    FAN_CREATE | FAN_DELETE | FAN_MOVED_FROM | FAN_MOVED_TO | FAN_CLOSE_WRITE | FAN_ONDIR;

Change change_of(std::uint64_t mask) noexcept {
  const auto has = [&](std::uint64_t bits) { return (mask & bits) != 0; };
  return {has(FAN_ONDIR), has(FAN_CREATE), has(FAN_CLOSE_WRITE), has(FAN_MOVED_TO),
          has(FAN_DELETE | FAN_MOVED_FROM)};
}

// A directory's handle and the name that follows it, out of one record.
void take_record(std::string_view record, Fanotify::Report& report) {
  constexpr std::size_t k_handle = offsetof(fanotify_event_info_fid, handle);
  if (record.size() < k_handle + sizeof(file_handle)) return;
  file_handle head{};
  std::memcpy(&head, record.data() + k_handle, sizeof head);
  const std::size_t handle_bytes = sizeof head + head.handle_bytes;
  if (record.size() < k_handle + handle_bytes) return;
  report.directory = record.substr(k_handle, handle_bytes);
  const std::string_view rest = record.substr(k_handle + handle_bytes);
  report.name = rest.substr(0, rest.find('\0'));
}

}  // namespace

std::optional<Fanotify> Fanotify::mark(const Dir& root, std::string* why) {
  const auto refused = [&](const char* what) {
    *why = cat(what, ": ", std::strerror(errno));
    return std::nullopt;
  };
  // The kernel's limit of the queue stays: a flood must not take all memory, and what is lost can be searched
  // for.
  constexpr unsigned k_kind = FAN_CLASS_NOTIF | FAN_REPORT_DFID_NAME | FAN_CLOEXEC | FAN_NONBLOCK;
  Fd fd(::fanotify_init(k_kind, O_RDONLY | O_CLOEXEC));
  if (!fd.valid()) return refused("fanotify_init");
  if (::fanotify_mark(fd.get(), FAN_MARK_ADD | FAN_MARK_FILESYSTEM, k_wanted, root.fd(), nullptr) != 0)
    return refused("fanotify_mark");
  return Fanotify(std::move(fd), root);
}

bool Fanotify::read(std::string& raw) const {
  const auto before = raw.size();
  raw.resize(before + k_read_bytes);
  const auto bytes = ::read(fd_.get(), raw.data() + before, k_read_bytes);
  const int failure = errno;
  raw.resize(before + static_cast<std::size_t>(bytes > 0 ? bytes : 0));
  if (bytes < 0 && failure != EAGAIN && failure != EINTR) fail(Kind::io, "read", "fanotify", failure);
  return bytes > 0;
}

void Fanotify::parse(std::string_view raw, const std::function<void(const Report&)>& take) {
  while (raw.size() >= sizeof(fanotify_event_metadata)) {
    fanotify_event_metadata event{};
    std::memcpy(&event, raw.data(), sizeof event);
    if (event.event_len < sizeof event || raw.size() < event.event_len) return;
    Report report{(event.mask & FAN_Q_OVERFLOW) != 0, change_of(event.mask), {}, {}};
    std::string_view records = raw.substr(event.metadata_len, event.event_len - event.metadata_len);
    while (records.size() >= sizeof(fanotify_event_info_header)) {
      fanotify_event_info_header header{};
      std::memcpy(&header, records.data(), sizeof header);
      if (header.len < sizeof header || records.size() < header.len) break;
      if (header.info_type == FAN_EVENT_INFO_TYPE_DFID_NAME)
        take_record(records.substr(0, header.len), report);
      records.remove_prefix(header.len);
    }
    take(report);
    raw.remove_prefix(event.event_len);
  }
}

std::optional<std::string> Fanotify::place_of(std::string_view handle) const {
  // In memory that is aligned for it.
  auto copy = std::make_unique<std::uint64_t[]>(handle.size() / sizeof(std::uint64_t) + 1);
  std::memcpy(copy.get(), handle.data(), handle.size());
  const Fd fd(::open_by_handle_at(root_->fd(), reinterpret_cast<file_handle*>(copy.get()),
                                  O_PATH | O_DIRECTORY | O_CLOEXEC));
  return fd.valid() ? sys::place_of(fd.get()) : std::nullopt;
}

std::optional<std::string> place_of(int directory_fd) {
  struct stat facts {};
  if (::fstat(directory_fd, &facts) != 0 || facts.st_nlink == 0) return std::nullopt;
  std::string place(8192, '\0');
  const auto bytes = ::readlink(cat("/proc/self/fd/", directory_fd).c_str(), place.data(), place.size());
  // Removed between the two calls, it would be called "... (deleted)".
  if (bytes <= 0 || place[0] != '/' || ::fstat(directory_fd, &facts) != 0 || facts.st_nlink == 0)
    return std::nullopt;
  place.resize(static_cast<std::size_t>(bytes));
  return place;
}

}  // namespace recentd::sys
