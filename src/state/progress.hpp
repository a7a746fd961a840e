#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include <recentd/epoch.hpp>
#include <recentd/fsync.hpp>

#include "state/differing_paths.hpp"
#include "state/mirror_state.hpp"
#include "state/missing_paths.hpp"
#include "state/state_store.hpp"

namespace recentd::state {

// Paths whose newest event could not be settled yet, each with the reason.
using PendingPaths = std::map<std::string, std::string, std::less<>>;

// Paths that cannot be had, as far as something is to be done about them in this pass, each with the event
// that names it.
using PathsOfEvents = std::map<std::string, Epoch, std::less<>>;

// All that a mirror knows of its own work, in memory and saved: the one owner of its state, with a verb for
// each thing that can happen to a path, a level or the upstream. It knows when there is something to save,
// and saves nothing that speaks of content which may not have reached the disk. Not for use from two threads.
class Progress {
 public:
  // Where and how a mirror starts.
  struct Start {
    std::string source = {};   // as the user wrote it
    std::string target = {};   // the directory's identity
    std::string boot_id = {};  // of the machine's present boot; empty: unknown
    Fsync fsync = Fsync::full;
    bool reset = false;         // forget what was saved
    bool skip_deletes = false;  // deletes are not wanted
    // What was saved as newest or seen and is newer is not believed: no upstream would ever reach it again.
    std::optional<Epoch> believable = {};
  };
  // Loads what was saved, as far as it can be believed here and now; recentd-mirror(7), What is not believed.
  // `make_durable` brings to the disk what was noted as written, or throws Error{io}. Throws Error{corrupt}
  // for a state of a newer format.
  Progress(StateStore store, const Start& start, std::function<void()> make_durable);

  [[nodiscard]] const MirrorState& state() const noexcept { return state_; }
  [[nodiscard]] const PendingPaths& pending() const noexcept { return pending_; }
  // Open ones that are left alone in this pass; all of them pending, too.
  [[nodiscard]] const PathsOfEvents& resting() const noexcept { return resting_; }
  // Known ones that are tried again in it.
  [[nodiscard]] const PathsOfEvents& due() const noexcept { return due_; }
  // Whether anything was saved ever.
  [[nodiscard]] bool has_history() const { return store_.exists(); }

  // Something was written into the target that a power cut may still undo.
  void note_written() noexcept { unsynced_ = true; }
  // Brings that to the disk. Throws Error{io}.
  void sync();
  // Saves all, after sync(). Throws Error{io}.
  void save();
  void save_if_changed() {
    if (changed_) save();
  }
  void save_if_changed_or_written() {
    if (changed_ || unsynced_) save();
  }
  // Something was changed that was handed out for it: a done set, a level.
  void note_changed() noexcept { changed_ = true; }

  // Of a path and the event that names it.
  // It is about to be asked for: an older delete of it, queued in an earlier pass, is void.
  void begin(const std::string& path);
  // It was not asked for after all.
  void not_begun(const std::string& path) { pending_.erase(path); }
  // It is here as its newest event wants it, or is no business of ours. True if it had counted as missing.
  bool settle(std::string_view path);
  // It is not, for this reason; or nothing new is known of it, and what is known to be missing stays so.
  void leave_open(const std::string& path, std::string reason);
  void not_tried(const std::string& path, const EpochView& epoch, std::string reason);
  // It was looked for in vain. Once it is known to be missing, it counts as done.
  Missed miss(const std::string& path, const EpochView& epoch, Why why, std::string reason, TimePoint now);
  // No mirror takes it, as it is a link that leads out of the tree, or neither file nor link.
  void leave_out(const std::string& path, const EpochView& epoch, bool link);
  // Its content, as it came, is not what the event records; or it is.
  Difference differ(const std::string& path, const EpochView& epoch);
  void agree(std::string_view path) { forget_difference(state_, path); }
  // Its delete is to be done once the level that tells it is visible. One that the operator accepted stays so
  // when the index tells it again.
  void queue_delete(std::string_view path, const EpochView& epoch, std::string_view interval);
  // Its delete could not be done for this reason, and stays queued: it is tried again ever more rarely. True
  // if that is worth a line.
  bool fail_delete(std::string_view path, std::string reason, TimePoint now);
  // Whether it is to be tried now; in a run that tries all, always.
  [[nodiscard]] bool is_delete_due(const PendingDelete& pending, TimePoint now) const;
  // Its delete has nothing to remove, or was done.
  void drop_delete(std::string_view path);
  // A delete of it is told, with nothing to remove, or one is queued: nothing else is to be said of it.
  void forget(std::string_view path);
  // Visible index files name it as present, although it is gone.
  void hide(std::string_view path);

  // Of deletes.
  // Those that are queued now, but for any newer than `up_to`, are done whatever their number.
  void accept_deletes(const std::optional<Epoch>& up_to);
  void note_deletes_skipped();

  // Of a pass.
  // Begins a round of looks: nothing but what rests is pending until its event is met again, as what was open
  // may be done by what a smaller level told. Decides which of the paths that cannot be had rest and which
  // are due. `many`: they are so many that no further one may count as done.
  void look_at_missing(std::int64_t now_s, When when, bool many);
  // What was due and did not come up is named by no level; those were all that there are, or just the smaller
  // ones.
  enum class Read : std::uint8_t { all, some };
  void end_of_look(std::int64_t now_s, Read read);
  // All is worked off: what is open still is no matter any more, nor what is gone and was named by what was
  // visible.
  void forget_not_known();
  void forget_hidden();
  // What the target held before it became a mirror is looked at in the end; or that was done.
  void set_adopting(bool adopting);
  // All levels are worked off up to here, which does not lie in the future.
  void note_newest(const std::optional<Epoch>& newest);
  // What was passed over until now is to be looked at again.
  void forget_done();

  // There is more room here than before: what could not be brought for the lack of it may fit.
  void note_room() { make_due(state_, false); }

  // Of the upstream.
  void note_fetch() noexcept { ++state_.fetches; }
  // The principal's newest event, if it is none of the future.
  void note_seen(const std::optional<Epoch>& newest);
  // The upstream's index was begun anew, and has older events than before: nothing that was done or seen
  // counts.
  void begin_anew(const std::optional<Epoch>& newest);
  // It is this one now. What was done above it were events of the future, which are gone; others that come in
  // between are not to count as done with them. True if there was any.
  bool forget_done_of_the_future(const std::optional<Epoch>& newest);
  void note_principal(const std::string& file);
  // Returns the dirtymark before, if there was one and it was another: history was rewritten, so what was
  // known of single paths counts no more.
  std::optional<std::string> follow_dirtymark(const std::optional<std::string>& dirtymark);

  // Of a level, made if it is not known; after a change: note_changed().
  LevelProgress& level(std::string_view interval) { return state_.level(interval); }
  // A copy under another dirtymark than the done set's makes that set worthless. True if it was cleared.
  bool follow_level(std::string_view interval, const std::optional<std::string>& dirtymark);

 private:
  void load(const Start& start);
  void forget_what_is_beyond(const std::optional<Epoch>& believable);

  StateStore store_;
  std::function<void()> make_durable_;
  MirrorState state_;
  PendingPaths pending_;
  PathsOfEvents resting_, due_;
  bool many_missing_ = false;
  When when_ = When::rests_over;
  bool changed_ = false;
  bool unsynced_ = false;
};

}  // namespace recentd::state
