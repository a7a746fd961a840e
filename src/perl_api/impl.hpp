#pragma once

#include <memory>
#include <optional>
#include <string>

#include <recentd/mirror.hpp>
#include <recentd/recentfile.hpp>

#include "recentfile/lock.hpp"
#include "recentfile/store.hpp"
#include "state/mirror_state.hpp"

namespace recentd {

// What a Recentfile is made of; its functions are spread over the files of this folder.
struct Recentfile::Impl {
  Impl(RecentfileSettings given, Clock& its_clock) : settings(std::move(given)), clock(its_clock) {}

  [[nodiscard]] LevelFile file() const;
  [[nodiscard]] Interval interval() const;
  [[nodiscard]] WriterOptions writer_options() const;
  [[nodiscard]] OriginSettings origin_settings() const;
  // The file that counts for reading: a slave's own copy if it has one.
  [[nodiscard]] LevelFile readable() const;
  [[nodiscard]] RecentfileMeta meta_data() const;
  void write(const std::vector<Event>& events, int protocol);
  [[nodiscard]] MirrorOptions mirror_options() const;
  [[nodiscard]] std::optional<state::MirrorState> state() const;
  void drop_copy();

  RecentfileSettings settings;
  Clock& clock;
  std::optional<std::string> remoteroot;
  std::optional<sys::FileLock> root_lock;
  std::optional<LevelLock> level_lock;
  std::unique_ptr<Rsync> rsync;
  std::string rsync_source;  // that it was made for
  std::vector<std::string> rsync_options = {};
  std::optional<TimePoint> have_mirrored;
  std::string copy;  // of the upstream's file; empty: none
  bool seeded = false;
  bool was_uptodate = false;
  std::int64_t rsync_errors = 0;
};

}  // namespace recentd
