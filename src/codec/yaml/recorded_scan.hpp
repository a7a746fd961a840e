#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "codec/codec.hpp"

namespace recentd::codec {

// The fast path for YAML files of origins that record `size`, `mtime` or `digest`: knows the one spelling
// that our writer gives such records, any of the keys missing, and declines every other. Safe to share.
class RecordedScanner {
 public:
  RecordedScanner(std::string_view text, const Limits& limits);

  // Reads records from `record` (the first byte of a dash's line) on, fills out[], and returns how many;
  // `record` moves behind the last one taken. 0 if the record there is spelled otherwise or too near the end.
  std::size_t scan(const char*& record, std::span<EventRow> out) const;

 private:
  const char* read(const char* p, EventRow& row) const;
  const char* path(const char* p, EventRow& row) const;

  std::size_t path_bytes_max_, epoch_bytes_max_;
  const char* safe_end_;  // a record, and what follows its path, may begin before this
};

}  // namespace recentd::codec
