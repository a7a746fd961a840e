#pragma once

#include <optional>
#include <string>

#include <recentd/clock.hpp>

#include "codec/codec.hpp"
#include "recentfile/names.hpp"
#include "sys/file/atomic_file.hpp"

namespace recentd {

// Reading and writing ONE index file on disk.

// Where a level lies and what its name says; what its meta says is only compared with this.
struct LevelFile {
  std::string root;  // directory, absolute
  LevelName name;
  [[nodiscard]] std::string path() const { return root + "/" + name.file(); }
};

// Who reads: a mirror skips events whose epoch is no number, a writer refuses the file.
enum class Reader { mirror, writer };

// A level as read: sorted newest first whatever the file says.
struct LevelContent {
  Meta meta;
  EventList events;
  std::int64_t mtime_s = 0;  // whole seconds, of the file read
  std::uint64_t size_bytes = 0;
  bool disordered = false;    // the file was out of order or has numerically equal epochs
  std::uint64_t skipped = 0;  // events whose epoch is no number (mirror only)
  [[nodiscard]] std::optional<EpochView> newest() const;
  [[nodiscard]] std::optional<EpochView> oldest() const;
};

// The level, or nothing if the file does not exist. Throws Error{corrupt} naming file, byte and the way out
// for a file that does not parse, is empty, or was cut: also when its oldest event is newer than minmax.min.
// Never takes a broken file for an empty one.
std::optional<LevelContent> read_level(const LevelFile& file, Reader reader);
// Like read_level() but the file's bytes come from elsewhere (tests, a fetched copy).
LevelContent read_level_bytes(std::shared_ptr<const sys::Bytes> bytes, codec::Format format,
                              const std::string& path_for_messages, Reader reader);

// A streaming reader of a level, with errors that name the file; nothing if it does not exist.
struct OpenLevel {
  std::unique_ptr<codec::EventReader> reader;
  std::shared_ptr<const sys::Bytes> bytes;
  std::int64_t mtime_s = 0;
  // Events that were passed over so far because their epoch is no number; lives as long as the reader.
  const std::uint64_t* skipped = nullptr;
};
std::optional<OpenLevel> open_level(const LevelFile& file, Reader reader);
// As read_level(), of a file that is open.
LevelContent read_level(const LevelFile& file, const OpenLevel& opened, Reader reader);
// Another reader of the same bytes, from their beginning.
std::unique_ptr<codec::EventReader> read_again(const LevelFile& file, const OpenLevel& opened, Reader reader);

// What the meta part says otherwise than the file's name, for a message; empty if they agree.
std::string disagreement(const LevelFile& file, const Meta& meta);
// Throws Error{refused} if they disagree.
void refuse_disagreement(const LevelFile& file, const Meta& meta);

// The meta part alone, without scanning the events.
std::optional<Meta> read_meta(const LevelFile& file);

// How writers write.
struct StorePolicy {
  Fsync fsync = Fsync::full;
  codec::WriteOptions encoding;
  std::string producer = "recentd";  // $0 in Producers
};

// Writes the level's file anew: Producers, minmax (true values) and serializer_suffix set, events checked for
// strict descent (a bug if not), `FILE.new`, sync, rename. The mtime becomes clock.now(), or one second more
// if a version of equal size and equal whole-second mtime is replaced. previous_mtime_s: mtime of the version
// read before, for minmax.mtime.
void write_level(const LevelFile& file, Meta meta, const EventList& events,
                 std::optional<std::int64_t> previous_mtime_s, const StorePolicy& policy, Clock& clock);

// Sets Producers and fields every write renews; shared by all that write levels.
void stamp_meta(Meta& meta, const LevelFile& file, const std::optional<EpochView>& newest,
                const std::optional<EpochView>& oldest, std::optional<std::int64_t> previous_mtime_s,
                const StorePolicy& policy, Clock& clock);

}  // namespace recentd
