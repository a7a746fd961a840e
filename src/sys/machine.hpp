#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace recentd::sys {

// What this machine and this process are, for those who judge whether recentd can work here. Nothing is
// changed; what cannot be found out is nothing.

struct User {
  std::uint32_t id = 0;
  std::string name;
  std::string home;
};
std::optional<User> find_user(std::uint32_t id);
std::optional<User> find_user(const std::string& name);
// The name of a user, or its number where it has none.
std::string user_name(std::uint32_t id);

// As the user that this process acts as; links are followed. To enter a directory is to use names in it.
enum class Right : std::uint8_t { read, append, write_into, run };
bool may(const std::string& path, Right right);

// The file of a program, looked up in PATH as its start would be; nothing if there is none that we may run.
std::optional<std::string> find_program(const std::string& name);

// A number below /proc/sys, as "fs/inotify/max_user_watches".
std::optional<std::uint64_t> kernel_number(const std::string& name);

// Whether the kernel takes the clock for one that somebody keeps right, as NTP does.
std::optional<bool> clock_is_kept();

// How many descriptors this process may have at most.
std::optional<std::uint64_t> descriptors_max();

// TCP ports that some program of this machine listens on, sorted.
std::vector<std::uint16_t> listening_ports();
// Those in the text of /proc/net/tcp or /proc/net/tcp6 (proc(5)). Pure.
std::vector<std::uint16_t> parse_listening(std::string_view text);

// Directories below one, itself among them; those of other file systems are counted, too, and no link is
// followed. Counting ends somewhere above `most`.
std::uint64_t count_directories(const std::string& directory, std::uint64_t most);

}  // namespace recentd::sys
