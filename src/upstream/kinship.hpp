#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "recentfile/store.hpp"

namespace recentd::upstream {

// Whether two indexes are of one tree: the one that a source shows and the one that was mirrored
// (recentd-mirror(7), Another tree), or the one that lies in a target without a state of ours
// (recentd-mirror(7), Whose target it is). Pure.

// What is known of a principal before anything is compared.
struct Encounter {
  bool mirrored = false;        // something was mirrored before
  bool same_dirtymark = false;  // as what was mirrored last: the same history, whatever it tells
  bool was_part = false;        // the index that was followed lists a part of its tree
  bool is_part = false;         // this one does
};

enum class Opinion {
  follow,   // nothing is against it
  part,     // it lists only a part of what was mirrored as a whole
  compare,  // only what the two tell can say
};
Opinion opinion_of(const Encounter& encounter);

// What two indexes have in common.
struct Overlap {
  std::uint64_t ours = 0;    // paths that what was mirrored names, in whatever event
  std::uint64_t theirs = 0;  // paths that the other one names
  std::uint64_t paths = 0;   // that both name
  std::uint64_t events = 0;  // path and epoch that both have; more than one need not be counted

  bool operator==(const Overlap&) const = default;
};

// An event in common proves it. Without any, all epochs were made anew: then most paths of the smaller one
// have to be those of the other, and more than the two or three (README, index.html) that many trees have.
// Where one of the two names nothing there is nothing to be mixed.
bool same_tree(const Overlap& overlap);

// Counts that. Holds 16 bytes for each event of ours, 8 for each of theirs.
class OverlapCount {
 public:
  // Ours first, all of it; then theirs.
  void add_ours(const EventRow& row);
  void add_theirs(const EventRow& row);
  [[nodiscard]] bool has_common_event() const noexcept { return events_ > 0; }
  [[nodiscard]] Overlap overlap();

 private:
  void sort_ours();

  std::vector<std::uint64_t> our_paths_, our_events_, their_paths_;  // hashes
  bool sorted_ = false;
  std::uint64_t events_ = 0;
};

// Why an index that lies in a target without a state of ours is not that of a mirror of the source, told by
// the principals of both: "its newest event, 17.2, is newer than the source's, 16". Nothing if it is one.
std::optional<std::string> why_no_mirror(const LevelContent& here, const LevelContent& source);

}  // namespace recentd::upstream
