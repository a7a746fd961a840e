#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <recentd/clock.hpp>
#include <recentd/mirror_options.hpp>
#include <recentd/path.hpp>

#include "delta/blocks/scan.hpp"
#include "delta/blocks/signature.hpp"
#include "mirror/transfer/batch.hpp"
#include "sys/file/part_file.hpp"
#include "sys/tree/dir.hpp"
#include "transport/transport.hpp"

namespace recentd::mirror {

// Large files of which another version is here, where the source would send them as a whole: what is new of
// them is fetched, and the rest taken from what is here; recentd-mirror(7), Large files in parts. Whatever is
// odd about that leaves the file to the ordinary way.
class Renewal {
 public:
  // All must outlive it. `place` is a directory of our own on the target's file system.
  Renewal(const MirrorOptions& options, const sys::Dir& target, const Bookkeeping& bookkeeping,
          std::string place, transport::Transport& transport, Clock& clock);

  // Brings what can be brought so of what is wanted: that has an outcome then. Returns the others.
  [[nodiscard]] std::vector<std::size_t> bring(Batch& batch) const;
  // After the transfer: where this mirror offers something, signatures of the large files that were replaced.
  void sign(const Batch& batch) const;

 private:
  [[nodiscard]] std::vector<std::size_t> candidates(const Batch& batch) const;
  void fetch_signatures(Batch& batch, const std::vector<std::size_t>& wanted) const;
  void bring_one(Batch& batch, BatchItem& item) const;
  [[nodiscard]] bool fits(const BatchItem& item, const blocks::Version& version) const;
  bool fetch_missing(Batch& batch, const std::string& path, const blocks::Version& version,
                     const blocks::Plan& plan, sys::PartFile& file) const;
  bool place(BatchItem& item, const blocks::Version& version) const;
  [[nodiscard]] std::string at(const std::string& name) const { return place_ + "/" + name; }
  [[nodiscard]] bool offers() const;

  const MirrorOptions& options_;
  const sys::Dir& target_;
  const Bookkeeping& bookkeeping_;
  std::string place_;
  transport::Transport& transport_;
  Clock& clock_;
};

}  // namespace recentd::mirror
