#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "audit/index_view.hpp"
#include "sys/slots.hpp"
#include "sys/tree/dir.hpp"

namespace recentd::audit {

// Files with several names: written under one of them, all of them are news, but whoever registers it may
// name that one alone.

// Tells which inodes are met a second time: a few bits for each file instead of its number, so that one in a
// hundred is told wrongly, and none is missed. From any thread.
class InodeSieve {
 public:
  explicit InodeSieve(std::uint64_t files);
  bool met_before(std::uint64_t inode) noexcept;

 private:
  std::uint64_t mask_;
  sys::Slots<std::uint64_t> words_;
};

// A name whose event is older than the content that the event of another name tells of.
struct StaleName {
  std::string path;
  std::string other;
  sys::FileFacts facts;
};
// Whether that is so by the two events' seconds and the file's mtime: clocks and epochs are not exact. Pure.
bool is_stale(std::int64_t event_s, std::int64_t newest_event_s, std::int64_t mtime_s) noexcept;

// Of files that have several names, as these paths show, if they do: reads the names of the tree if so.
std::vector<StaleName> stale_names(const sys::Dir& root, const Bookkeeping& bookkeeping, IndexView& view,
                                   const std::vector<std::string>& paths);
// Whether one still is.
bool is_still_stale(const sys::Dir& root, const Bookkeeping& bookkeeping, IndexView& view,
                    const std::string& path, const std::string& other);

}  // namespace recentd::audit
