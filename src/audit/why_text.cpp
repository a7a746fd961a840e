#include "audit/why.hpp"
#include "base/count.hpp"
#include "base/shell_word.hpp"
#include "base/text.hpp"
#include "base/utc.hpp"

namespace recentd::audit {

namespace {

std::string time_of(std::int64_t seconds) {
  return utc_text(Utc(std::chrono::seconds(seconds)));
}

std::string list(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : ", ") + word;
  return out;
}

std::string of_unknown(const PathFacts& facts) {
  if (!facts.on_disk) return "neither on disk nor in any index";
  if (facts.on_disk->type == sys::FileType::directory)
    return "a directory: only files and links have events, a directory is there as long as they are";
  if (facts.state)
    return "on disk, but no index names it: it was not mirrored from there; `recentd mirror --prune` would "
           "remove it";
  return cat(
      "on disk, but no index names it: it was never registered, or a level that named it is gone; "
      "register it with `recentd update ",
      shell_word(facts.root), " --new ", shell_word(facts.path), "`");
}

// Why it cannot be had, and what the mirror does about it.
std::string of_missing(const state::MissingPath& missing) {
  std::string text = missing.absent ? "the upstream has not got it" : "it could not be brought here";
  if (!missing.reason.empty()) text += cat(" (", missing.reason, ")");
  text += cat("; looked for ", missing.rounds, missing.rounds == 1 ? " time" : " times");
  if (missing.since_s != 0) text += cat(" since ", time_of(missing.since_s));
  text += cat(", again at ", time_of(missing.retry_at_s));
  return text + (missing.known ? "; nothing else waits for it" : "; the index that names it waits for it");
}

std::string of_absent(const PathFacts& facts) {
  if (!facts.state)
    return "not on disk, although the newest event is `new`: it was removed and nobody registered that";
  const PathInState& state = *facts.state;
  if (state.left_out)
    return state.left_out->link
               ? "not on disk: it is a link that leads out of the tree, which no mirror takes"
               : "not on disk: it is neither file nor link at the upstream, so no mirror takes it";
  if (state.missing) return cat("not on disk: ", of_missing(*state.missing));
  if (!state.open.empty() || state.done.empty())
    return cat("not on disk yet: the mirror has still to work off its event",
               state.open.empty() ? "" : cat(" of level ", list(state.open)));
  return "not on disk, although the mirror has worked off its event: the mirror's options leave it out, it "
         "is "
         "an unsafe link, or somebody removed it here";
}

std::string of_present(const PathFacts& facts) {
  if (facts.on_disk->type == sys::FileType::directory)
    return cat("a directory has its name here, although the newest event is `new`, that of a file",
               facts.state && facts.state->missing ? cat(": ", of_missing(*facts.state->missing)) : "");
  if (!facts.state) return "on disk, as its newest event says";
  if (facts.state->missing)
    return cat("on disk, perhaps in an older version: ", of_missing(*facts.state->missing));
  if (!facts.state->open.empty() && facts.state->done.empty())
    return "on disk, but the mirror has still to compare it with the upstream's";
  return "on disk, as its newest event says, and mirrored";
}

std::string of_deleted(const PathFacts& facts) {
  if (!facts.on_disk) return "not on disk, as its newest event, `delete`, says";
  if (facts.on_disk->type == sys::FileType::directory)
    return "a directory has the name of the file that was deleted";
  if (!facts.state)
    return "on disk, although the newest event is `delete`: it came back and nobody registered that";
  const PathInState& state = *facts.state;
  if (state.pending_delete && !state.pending_delete->accepted)
    return "on disk: its delete waits until the index that tells it is visible, or for --accept-deletes";
  if (state.pending_delete) return "on disk: its delete is accepted and happens at the mirror's next pass";
  if (state.deletes_skipped) return "on disk: this mirror skips deletes";
  if (!state.open.empty() || state.done.empty())
    return "on disk: the mirror has still to work off its delete";
  return "on disk, although the mirror has worked off its delete: somebody put it here again";
}

}  // namespace

std::string why_text(const PathFacts& facts) {
  if (facts.bookkeeping)
    return "a name of the index itself, which never has events and is never mirrored as content";
  const Event* newest = facts.newest();
  if (newest == nullptr) return of_unknown(facts);
  if (newest->type == EventType::other)
    return "its newest event has a type that is neither `new` nor `delete`: mirrors pass it over";
  if (newest->type == EventType::delete_) return of_deleted(facts);
  return facts.on_disk ? of_present(facts) : of_absent(facts);
}

}  // namespace recentd::audit
