#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <recentd/clock.hpp>

#include "sys/tree/dir.hpp"

namespace recentd::target {

// What connections that broke have brought of files, so that the next ones go on from there: rsync's own
// partial directory (rsync(1), --partial-dir), in the private place. A part lies there under its file's last
// name alone, whatever the directory, and is never taken for the file: rsync makes that of what is right in
// the part and of the rest, and compares a checksum of it all with the source's. So a part of another
// version, or of another file of that name, costs bytes at most. Keeps nothing in memory, so it is safe from
// any thread. What cannot be looked at is not there.
class PartialFiles {
 public:
  // Nothing is made there before there is a part.
  explicit PartialFiles(std::string directory) : directory_(std::move(directory)) {}

  [[nodiscard]] const std::string& directory() const noexcept { return directory_; }
  // How many bytes there are of files with these names; paths, of which the last part counts.
  [[nodiscard]] std::uint64_t bytes_of(const std::vector<std::string>& paths) const;
  // Takes in what an rsync that was killed left of a file: `unfinished` lies below the target. False if that
  // is not worth it, or cannot be done; then it is still there.
  bool take(const sys::Dir& target, const RelPath& unfinished, const std::string& path) const;
  // The file is not wanted any more.
  void forget(std::string_view path) const noexcept;
  // Removes parts that nobody went on with for three days, and all but the newest if they are very many.
  void sweep(TimePoint now) const noexcept;

 private:
  std::string directory_;
};

}  // namespace recentd::target
