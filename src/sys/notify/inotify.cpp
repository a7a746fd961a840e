#include "sys/notify/inotify.hpp"

#include <cstring>
#include <fstream>

#include <errno.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "sys/failure.hpp"
#include "sys/fault.hpp"

namespace recentd::sys {

namespace {

constexpr std::size_t k_read_bytes = std::size_t{256} << 10;
constexpr std::uint32_t k_wanted = IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_CLOSE_WRITE |
                                   IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR | IN_DONT_FOLLOW |
                                   IN_EXCL_UNLINK;

Inotify::Report report_of(const inotify_event& event, std::string_view name) noexcept {
  const auto has = [&](std::uint32_t bits) { return (event.mask & bits) != 0; };
  Inotify::Report report;
  report.watch = event.wd;
  report.name = name;
  report.change = {has(IN_ISDIR), has(IN_CREATE), has(IN_CLOSE_WRITE), has(IN_MOVED_TO),
                   has(IN_DELETE | IN_MOVED_FROM)};
  report.self_removed = has(IN_DELETE_SELF);
  report.unmounted = has(IN_UNMOUNT);
  report.unwatched = has(IN_IGNORED);
  report.lost = has(IN_Q_OVERFLOW);
  return report;
}

}  // namespace

Inotify::Inotify() : fd_(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK)) {
  if (!fd_.valid()) fail(Kind::io, "start", "inotify", errno);
}

Inotify::Added Inotify::add(const std::string& directory) const {
  if (const int failure = fault("watch", directory)) return {-1, failure};
  const int watch = ::inotify_add_watch(fd_.get(), directory.c_str(), k_wanted);
  return {watch, watch < 0 ? errno : 0};
}

void Inotify::remove(int watch) const noexcept {
  ::inotify_rm_watch(fd_.get(), watch);
}

bool Inotify::read(std::string& raw) const {
  const auto before = raw.size();
  raw.resize(before + k_read_bytes);
  const auto bytes = ::read(fd_.get(), raw.data() + before, k_read_bytes);
  const int failure = errno;
  raw.resize(before + static_cast<std::size_t>(bytes > 0 ? bytes : 0));
  if (bytes < 0 && failure != EAGAIN && failure != EINTR) fail(Kind::io, "read", "inotify", failure);
  return bytes > 0;
}

void Inotify::parse(std::string_view raw, const std::function<void(const Report&)>& take) {
  while (raw.size() >= sizeof(inotify_event)) {
    inotify_event event{};
    std::memcpy(&event, raw.data(), sizeof event);
    if (raw.size() < sizeof event + event.len) return;
    const std::string_view padded = raw.substr(sizeof event, event.len);
    take(report_of(event, padded.substr(0, padded.find('\0'))));
    raw.remove_prefix(sizeof event + event.len);
  }
}

std::optional<std::uint64_t> Inotify::watch_limit() {
  std::ifstream in("/proc/sys/fs/inotify/max_user_watches");
  std::uint64_t limit = 0;
  return in >> limit ? std::optional(limit) : std::nullopt;
}

}  // namespace recentd::sys
