#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <recentd/epoch.hpp>
#include <recentd/path.hpp>

#include "delta/blocks/signature.hpp"
#include "sys/tree/dir.hpp"

namespace recentd::blocks {

// Where the signature of a path lies: `blocks` of what is offered for mirrors that come over HTTP, under a
// name that is made of the path, so that whoever knows the one finds the other.
std::string signature_name(std::string_view path);

// The signatures of a tree's large files. A signature may be old, which whoever reads it sees; none is ever
// of content that its file never had. Several processes may use one shelf at once.
class Shelf {
 public:
  // `root` must outlive it. Files of fewer than `bytes_min` have none.
  Shelf(const sys::Dir& root, const std::string& filenameroot, std::uint64_t bytes_min);

  // Whether a file is large enough, and not too large.
  [[nodiscard]] bool is_for(const sys::FileFacts& facts) const noexcept;

  enum class Renewed : std::uint8_t {
    made,
    current,  // there was one already
    none,     // the file is none, is not of that size, or changed while it was read
  };
  // Makes the signature of what a path leads to now, which costs a read of the file. `epoch`: no event of the
  // path up to there tells of what comes later; empty if that is not known. Throws Error{io, missing}.
  Renewed renew(const RelPath& path, const std::string& epoch) const;
  // What renew() would say, but for files that it cannot read.
  [[nodiscard]] Renewed look(const RelPath& path) const;
  // Events of the path up to this one tell of nothing that its signature does not: if the file is still the
  // one that was signed. Throws Error{io}.
  void vouch(const RelPath& path, const EpochView& epoch) const;
  // Takes over a signature with this text; its file has arrived here. Throws Error{io, missing}.
  void keep(const Version& version, std::string_view text) const;

  // Takes away what no file has any more, unless it has just been written; looks once an hour, or at once.
  // Returns how many went. Throws Error{io}.
  enum class When : std::uint8_t { hourly, now };
  std::size_t sweep(When when) const;

 private:
  [[nodiscard]] std::string at(std::string_view path) const;
  [[nodiscard]] bool is_current(const Version& version, const sys::FileFacts& file,
                                const sys::FileFacts& signature) const noexcept;
  [[nodiscard]] std::optional<Version> head_of(const std::string& file) const;
  void make_place() const;
  void write(std::string_view path, TimePoint time, std::string_view head, std::string_view sums) const;
  [[nodiscard]] bool is_wanted(const std::string& file) const;

  const sys::Dir& root_;
  std::string offer_, place_;
  std::uint64_t bytes_min_;
};

}  // namespace recentd::blocks
