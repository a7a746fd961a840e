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
#include "state/failing_paths.hpp"
#include "state/mirror_state.hpp"
#include "state/missing_paths.hpp"
#include "state/state_store.hpp"

namespace recentd::state {

// Paths whose newest event could not be settled yet, each with the reason.
using PendingPaths = std::map<std::string, std::string, std::less<>>;

// Paths that failed again and again and are to be left alone in this pass, each with the event that failed.
using RestingPaths = std::map<std::string, Epoch, std::less<>>;

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
  [[nodiscard]] const RestingPaths& resting() const noexcept { return resting_; }
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
  // It is here as its newest event wants it, or is no business of ours.
  void settle(std::string_view path);
  // It is not, for this reason.
  void leave_open(const std::string& path, std::string reason);
  // The upstream has not got it. Gone, it counts as done.
  Missed miss(const std::string& path, const EpochView& epoch, std::string reason);
  void fail(std::string_view path, const EpochView& epoch, Failure failure, TimePoint now) {
    note_failure(state_, path, epoch, failure, now);
  }
  // No mirror takes it, as it is a link that leads out of the tree, or neither file nor link.
  void leave_out(const std::string& path, const EpochView& epoch, bool link);
  // Its content, as it came, is not what the event records; or it is.
  Difference differ(const std::string& path, const EpochView& epoch);
  void agree(std::string_view path) { forget_difference(state_, path); }
  // Its delete is to be done once the level that tells it is visible. One that the operator accepted stays so
  // when the index tells it again.
  void queue_delete(std::string_view path, const EpochView& epoch, std::string_view interval);
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
  // Every path is tried; or those that failed again and again rest until their time has come.
  void try_all() { resting_.clear(); }
  void let_failing_rest(std::int64_t now_s);
  // All is worked off: what failed once, or is gone and still named by what was visible, is no matter any
  // more.
  void forget_failing();
  void forget_hidden();
  // What the target held before it became a mirror is looked at in the end; or that was done.
  void set_adopting(bool adopting);
  // All levels are worked off up to here, which does not lie in the future.
  void note_newest(const std::optional<Epoch>& newest);
  // What was passed over until now is to be looked at again.
  void forget_done();

  // Of the upstream.
  void note_fetch() noexcept { ++state_.fetches; }
  // The principal's newest event, if it is none of the future.
  void note_seen(const std::optional<Epoch>& newest);
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
  RestingPaths resting_;
  bool changed_ = false;
  bool unsynced_ = false;
};

}  // namespace recentd::state
