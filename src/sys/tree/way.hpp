#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sys/fd.hpp"

namespace recentd::sys {

// What may stand on the way to a name below a root: directories whose modes keep us out, and links.

// Directories that are ours and whose modes keep us out, opened for as long as this lives, as rsync does it:
// recentd-mirror(7), Modes. Then each has its mode again, whatever its name is by then.
class OpenedUp {
 public:
  OpenedUp() = default;
  // The directory and those above it, but for the root. What is not ours, or cannot be opened, stays.
  OpenedUp(int root_fd, std::string_view directory);
  OpenedUp(OpenedUp&&) noexcept = default;
  OpenedUp& operator=(OpenedUp&& other) noexcept;
  ~OpenedUp() { close(); }

  [[nodiscard]] bool any() const noexcept { return !opened_.empty(); }
  void close() noexcept;

 private:
  std::vector<std::pair<Fd, unsigned>> opened_;  // with the modes before
};

// The first link among a directory below a root and those above it; nothing if there is none.
struct LinkOnWay {
  std::string path;  // below the root
  std::string text;
  std::uint32_t owner = 0;
};
std::optional<LinkOnWay> link_on_way(int root_fd, std::string_view directory);
// Whether there is one; of a way that has none it is known at once. What may not be seen is no link.
enum class Way { straight, linked, missing };
Way look_at_way(int root_fd, std::string_view directory);

// Whether a link of that path below the root leads out of it by its words alone, or may, as `..` stands
// behind a name: what rsync calls unsafe. Such a link never came with a transfer, since rsync leaves it out,
// so somebody here made it. Pure.
bool leads_out(std::string_view path, std::string_view text);

// Directories that are elsewhere, by links that somebody here made: recentd-mirror(7), Links for directories.
// Safe from any thread.
class LinkedDirectories {
 public:
  // Where such a link leads, if it may be followed: root or we own it, and it leads to a directory that has
  // nothing to do with the root. `place`: the link's path as it can be opened. Remembers it.
  std::optional<std::string> follow(const LinkOnWay& link, const std::string& root, const std::string& place);
  // A link that was followed above this path, and where it led.
  [[nodiscard]] std::optional<std::pair<std::string, std::string>> above(std::string_view path) const;
  // All of them, and where they led.
  [[nodiscard]] std::map<std::string, std::string, std::less<>> all() const;

 private:
  mutable std::mutex mutex_;
  std::map<std::string, std::string, std::less<>> real_;  // by the link's path
};

}  // namespace recentd::sys
