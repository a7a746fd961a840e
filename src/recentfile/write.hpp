#pragma once

#include <recentd/clock.hpp>

#include "codec/codec.hpp"
#include "recentfile/store.hpp"
#include "sys/file/atomic_file.hpp"

namespace recentd {

// What write_level() and the streaming merge share.

// The format by the file's suffix. Throws Error{usage} for one that is not supported.
codec::Format format_of(const LevelFile& file);

// About how many bytes the events take in a file; rather too many than too few.
std::size_t encoded_bytes(const EventList& events);

// Throws the Error{internal} for events that do not descend.
[[noreturn]] void fail_disorder(const LevelFile& file);

// The mtime of the next version: now, or one second more if the version on disk has the same size and second,
// so that clients that compare nothing else see the difference.
TimePoint mtime_for(const LevelFile& file, std::uint64_t new_size_bytes, Clock& clock);

// A codec's output straight into a file. The file must outlive it.
class FileSink : public codec::Sink {
 public:
  explicit FileSink(sys::AtomicFile& file) : file_(file) {}
  char* reserve(std::size_t n) override { return file_.reserve(n); }
  void advance(std::size_t filled) override { file_.advance(filled); }

 private:
  sys::AtomicFile& file_;
};

}  // namespace recentd
