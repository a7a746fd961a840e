#include "sys/process/identity.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <fstream>
#include <string>
#include <string_view>

#include <time.h>
#include <unistd.h>

#include "sys/tree/attempts.hpp"

namespace recentd::sys {

int own_pid() noexcept {
  return ::getpid();
}

bool is_root() noexcept {
  return ::geteuid() == 0;
}

std::string boot_id() {
  std::ifstream file("/proc/sys/kernel/random/boot_id");
  std::string line;
  std::getline(file, line);
  return line;
}

std::uint32_t own_user() noexcept {
  return ::geteuid();
}

unsigned own_umask() {
  constexpr std::string_view k_key = "Umask:";
  constexpr unsigned k_usual = 022;
  std::ifstream file("/proc/self/status");
  for (std::string word; file >> word;)
    if (unsigned mask = 0; word == k_key && file >> std::oct >> mask) return mask;
  return k_usual;
}

// Without a stream, as a writer asks at each update.
std::optional<std::uint64_t> process_start(int pid) {
  constexpr int k_words_between = 19;  // the state and others
  std::array<char, 1024> buffer;
  std::string_view rest(buffer.data(), read_start("/proc/" + std::to_string(pid) + "/stat", buffer));
  // The program's name may hold blanks and parentheses.
  const std::size_t name_end = rest.rfind(')');
  if (name_end == std::string_view::npos || name_end + 2 > rest.size()) return std::nullopt;
  rest.remove_prefix(name_end + 2);
  for (int i = 0; i < k_words_between; ++i) rest.remove_prefix(std::min(rest.find(' '), rest.size() - 1) + 1);
  std::uint64_t ticks = 0;
  const auto end = std::from_chars(rest.data(), rest.data() + rest.size(), ticks);
  if (end.ec != std::errc{}) return std::nullopt;
  return ticks;
}

std::optional<std::uint32_t> user_of_process(int pid) {
  constexpr std::string_view k_key = "Uid:";  // real, then effective
  std::ifstream file("/proc/" + std::to_string(pid) + "/status");
  std::uint32_t real = 0, effective = 0;
  for (std::string word; file >> word;)
    if (word == k_key && file >> real >> effective) return effective;
  return std::nullopt;
}

std::optional<std::int64_t> process_age_s(int pid) {
  const auto start = process_start(pid);
  timespec now{};
  const long ticks_per_s = ::sysconf(_SC_CLK_TCK);
  if (!start || ticks_per_s <= 0 || ::clock_gettime(CLOCK_BOOTTIME, &now) != 0) return std::nullopt;
  return std::max<std::int64_t>(now.tv_sec - static_cast<std::int64_t>(*start) / ticks_per_s, 0);
}

}  // namespace recentd::sys
