#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include <recentd/event.hpp>

#include "sys/hash_table.hpp"
#include "sys/tree/dir.hpp"

namespace recentd::watch {

// Deciding what a look at a path means for the index. Pure.

// What tells one version of a file from another: never 0.
using Print = std::uint64_t;
Print print_of(const sys::FileFacts& facts) noexcept;

// Which paths the index tells to be present, and in which version they were seen: 64-bit hashes instead of
// the paths, so that a million of them take 32 MB. Two paths with one hash are not expected within the age of
// the universe. Not for use from two threads.
class Known {
 public:
  static constexpr Print k_unseen = 0;  // known from the index alone

  // The version of a path that is in the index; nothing if it is not there.
  [[nodiscard]] std::optional<Print> find(std::string_view path) const;
  void set(std::string_view path, Print print);
  void erase(std::string_view path);
  [[nodiscard]] std::size_t size() const noexcept { return prints_.size(); }

 private:
  sys::HashTable prints_;
};

// Why a path is looked at.
enum class Reason {
  complete,  // somebody has just finished it
  found,     // it was met where something had changed
  compared,  // nothing is known to have happened
};

// What is on the disk under a path.
struct UpstreamStatus {
  std::optional<sys::FileFacts> facts;  // nothing: no such name
  bool under_way = false;               // open for writing; asked for only where `asks` says so
  bool suspicious = false;              // of another version than the one that the index tells, by its times
};

// Whether something of that type is content: a regular file or a symbolic link.
bool is_content(const std::optional<sys::FileFacts>& facts) noexcept;
// Whether decide() has to know if the file is open for writing.
bool asks_if_under_way(Reason reason, std::optional<Print> known, const UpstreamStatus& status) noexcept;
// The event that the index needs; nothing if it tells the truth, or if a later hint will come.
std::optional<EventType> decide(Reason reason, std::optional<Print> known,
                                const UpstreamStatus& status) noexcept;

}  // namespace recentd::watch
