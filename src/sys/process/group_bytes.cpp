#include "sys/process/group_bytes.hpp"

#include <array>
#include <charconv>
#include <memory>
#include <string>
#include <string_view>

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/text.hpp"
#include "sys/fault.hpp"
#include "sys/fd.hpp"

namespace recentd::sys {

namespace {

struct CloseDirectory {
  void operator()(DIR* directory) const noexcept { ::closedir(directory); }
};

// The number behind a key of /proc/PID/io.
std::uint64_t figure(std::string_view text, std::string_view key) noexcept {
  std::uint64_t value = 0;
  const auto at = text.find(key);
  if (at == std::string_view::npos) return 0;
  const auto digits = text.substr(at + key.size());
  std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return value;
}

std::optional<std::uint64_t> bytes_read_by(std::string_view pid) {
  const std::string path = cat("/proc/", pid, "/io");
  if (fault("open", path) != 0) return {};
  const Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.valid()) return {};
  std::array<char, 1024> buffer;
  const ssize_t got = ::read(file.get(), buffer.data(), buffer.size());
  if (got <= 0) return {};
  const std::string_view text(buffer.data(), static_cast<std::size_t>(got));
  if (!text.starts_with("rchar: ")) return {};
  return figure(text, "rchar: ") + figure(text, "\nread_bytes: ");
}

// Its group, for a name of /proc that is a process.
pid_t group_of(const char* name) noexcept {
  pid_t pid = 0;
  const std::string_view text(name);
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), pid);
  const bool process = error == std::errc() && end == text.data() + text.size() && pid > 0;
  return process ? ::getpgid(pid) : -1;
}

}  // namespace

std::optional<std::uint64_t> bytes_read_by_group(int group) {
  const std::unique_ptr<DIR, CloseDirectory> processes(::opendir("/proc"));
  if (!processes) return {};
  std::optional<std::uint64_t> sum;
  while (const dirent* entry = ::readdir(processes.get())) {
    if (group_of(entry->d_name) != group) continue;
    if (const auto bytes = bytes_read_by(entry->d_name)) sum = sum.value_or(0) + *bytes;
  }
  return sum;
}

bool can_count_bytes() {
  return bytes_read_by_group(::getpgrp()).has_value();
}

}  // namespace recentd::sys
