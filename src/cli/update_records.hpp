#pragma once

#include <cstdio>
#include <optional>
#include <vector>

#include <recentd/origin.hpp>

namespace recentd::cli {

// The records of `recentd update --stdin`: `new[@EPOCH]` or `delete[@EPOCH]`, a TAB, and the path up to the
// record's end, which is LF, or NUL. The last record needs no end. A CR belongs to the path.
class RecordReader {
 public:
  // in: must outlive the reader. `epoch` is that of records without their own.
  RecordReader(std::FILE* in, char end, std::optional<Epoch> epoch);
  // All records. Throws Error{usage} naming the number of the first broken one, Error{io}.
  std::vector<UpdateRequest> read_all();

 private:
  void take(std::string_view chunk);
  void add(std::string_view record);

  std::FILE* in_;
  char end_;
  std::optional<Epoch> epoch_;
  std::string partial_;
  std::vector<UpdateRequest> requests_;
};

}  // namespace recentd::cli
