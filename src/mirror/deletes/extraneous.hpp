#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include <recentd/error.hpp>
#include <recentd/mirror_options.hpp>
#include <recentd/path.hpp>

#include "mirror/plan/seen_paths.hpp"
#include "upstream/chain.hpp"

namespace recentd::mirror {

// What lies in the target although no level names it as present: files that Z no longer tells the delete of,
// what another program left there, the Perl client's `.FRMRecent-*` (recentd-mirror(7), Prune). What belongs
// to another tree below the target does not count. Reads all levels on construction, which must be complete,
// and walks the tree on each call; keeps no list of it.
class Extraneous {
 public:
  // All must outlive it.
  Extraneous(const MirrorOptions& options, const sys::Dir& target, const upstream::Chain& chain,
             const state::MirrorState& state);

  // Calls `content` for each stray file, and `litter` for each name in the root that a Perl client left.
  // Returns how many files are no strays.
  std::uint64_t each(const std::function<void(RelPath)>& content,
                     const std::function<void(const std::string&)>& litter) const;

  struct Summary {
    std::uint64_t count = 0;
    std::uint64_t kept = 0;          // files that are no strays
    std::vector<std::string> first;  // at most 100
  };
  [[nodiscard]] Summary summary() const;

 private:
  void walk(const std::string& directory, const std::function<void(RelPath)>& content,
            std::uint64_t& kept) const;
  void note_other(const std::string& directory) const;
  void note_unread(const std::string& directory, const Error& error) const;
  [[nodiscard]] bool stands_for_directory(const std::string& name) const;

  const sys::Dir& target_;
  const Bookkeeping& bookkeeping_;
  const state::MirrorState& state_;
  const PathFilter& risk_;
  std::vector<std::unique_ptr<codec::EventReader>> readers_;  // whose texts are in present_
  mutable SeenPaths present_;
  std::set<std::string> links_;           // to indexes below the root, of which this index tells in any way
  mutable std::set<std::string> others_;  // trees and unreadable directories below it that were told
};

// True if something is in the directory besides bookkeeping.
bool has_content(const sys::Dir& root, const Bookkeeping& bookkeeping);

}  // namespace recentd::mirror
