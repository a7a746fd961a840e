#include "mirror/transfer/settler.hpp"

#include <algorithm>
#include <utility>

#include "base/log.hpp"
#include "base/text.hpp"
#include "mirror/transfer/fetcher.hpp"
#include "mirror/transfer/quick_check.hpp"
#include "sys/failure.hpp"
#include "sys/tree/disk_room.hpp"
#include "sys/tree/way.hpp"

namespace recentd::mirror {
namespace {

const Log k_log("mirror");

using transport::Outcome;

bool has_failed(Outcome outcome) {
  return outcome == Outcome::failed || outcome == Outcome::in_the_way || outcome == Outcome::differs;
}

bool has_arrived(Outcome outcome) {
  return outcome == Outcome::transferred || outcome == Outcome::unchanged;
}

bool is_skipped(Outcome outcome) {
  return outcome == Outcome::skipped_link || outcome == Outcome::skipped_kind ||
         outcome == Outcome::skipped_size;
}

// Where nobody lets us look it may.
bool may_be_here(const sys::Dir& target, const RelPath& path) {
  try {
    return target.lstat(path).has_value();
  } catch (const Error& error) {
    if (!sys::concerns_path_alone(error)) throw;
    return true;
  }
}

}  // namespace

Settler::Settler(const MirrorOptions& options, const sys::Dir& target, const Bookkeeping& bookkeeping,
                 const target::TransferJournal& journal, state::Progress& progress, ClearWay clear_way,
                 HookPoints& hooks, Observer& observer, Clock& clock, MirrorReport& report)
    : options_(options),
      target_(target),
      bookkeeping_(bookkeeping),
      journal_(journal),
      progress_(progress),
      clear_way_(std::move(clear_way)),
      hooks_(hooks),
      observer_(observer),
      clock_(clock),
      report_(report),
      inner_(target) {}

bool Settler::prepare(Batch& batch) {
  inner_.forget();
  // Deletes first: one of them may clear the way for a file of this batch.
  for (auto& item : batch.items) {
    if (item.step.action != Action::remove && item.step.action != Action::settle) continue;
    settle_without_transfer(batch, item.step);
    item.settled = true;
  }
  settle_as_recorded(batch);
  collect(batch);
  return !batch.wanted.empty();
}

// Its delete is queued if there is anything to delete, or that cannot be known: then it waits in the queue.
void Settler::queue_delete(const Batch& batch, const EventRow& row) {
  const auto path = RelPath::parse(row.path(), bookkeeping_);
  if (path) journal_.partial().forget(path->text());
  const bool here = path && may_be_here(target_, *path);
  const auto link = path && !here ? target_.link_in_the_way(path->parent()) : std::nullopt;
  if (link) tell_link(*link);
  if ((here || link) && !inner_.cover(row.path()))
    progress_.queue_delete(row.path(), row.epoch(), batch.interval);
  progress_.forget(row.path());
}

// What lies behind a link that somebody made here in a directory's place is neither here nor gone.
void Settler::hold(Batch& batch, std::size_t item, RelPath path, const std::string& link) {
  auto& held = batch.items[item];
  held.path = std::move(path);
  held.outcome = Outcome::failed;
  held.message = cat("it lies behind the link ", quoted(link), " that somebody made here");
  batch.held.push_back(item);
  tell_link(link);
}

void Settler::tell_link(const std::string& link) {
  if (!told_links_.insert(link).second) return;
  k_log.warning(
      "a link stands where the upstream has a directory, and no transfer made it: what lies below stays as "
      "it is. Set keep_dirlinks to follow it (it must lead to a directory outside of the target, and belong "
      "to root or the mirror's user), or remove it",
      {{"link", link}});
}

void Settler::settle_without_transfer(const Batch& batch, const Step& step) {
  const auto path = step.row.path();
  if (step.action == Action::remove) {
    queue_delete(batch, step.row);
  } else if (step.row.type == EventType::delete_ && options_.deletes.skip) {
    progress_.note_deletes_skipped();
  }
  if (step.remark == Remark::none) return;
  ++report_.skipped;
  const auto* const what = step.remark == Remark::hostile_path
                               ? "refused an event whose path could leave the tree or cannot exist"
                               : "passed over an event of unknown type";
  if (first_few_.note(what)) k_log.warning(what, {{"path", path}, {"interval", batch.interval}});
}

// An event newer than all we knew tells of a change that size and time need not show.
bool Settler::may_be_as_recorded(const Step& step) const {
  return step.action == Action::transfer && step.texts != nullptr && !step.changed_for_sure &&
         !step.is_news && !options_.places.checksum && !is_suspect(step.row.path());
}

// Its content was wrong before, or may never have reached the disk.
bool Settler::is_suspect(std::string_view path) const {
  return progress_.state().differing.contains(path) || journal_.is_suspect(path);
}

// The index is the upstream's word as much as what its rsync would say.
void Settler::settle_as_recorded(Batch& batch) {
  std::vector<std::size_t> known;
  for (std::size_t i = 0; i < batch.items.size(); ++i)
    if (may_be_as_recorded(batch.items[i].step)) known.push_back(i);
  for (const auto i : as_recorded(batch.items, known, target_, bookkeeping_, options_.select.max_file_size)) {
    const std::string_view path = batch.items[i].step.row.path();
    batch.items[i].settled = true;
    progress_.drop_delete(path);
    if (progress_.settle(path)) tell_arrival(path);
    ++report_.unchanged;
    observer_.file_synced(batch.interval, path, true);
  }
}

void Settler::collect(Batch& batch) {
  sys::CachedLstat cached(target_);
  for (std::size_t i = 0; i < batch.items.size(); ++i) {
    auto& item = batch.items[i];
    if (item.step.action != Action::transfer || item.settled) continue;
    item.path = RelPath::parse(item.step.row.path(), bookkeeping_);
    if (!item.path || leave_to_inner_tree(item)) continue;
    progress_.begin(item.path->text());
    // Where we may not look rsync will say why.
    const auto local = sys::or_nothing([&] { return cached.lstat(*item.path); });
    if (const auto& link = cached.link_in_the_way()) {
      hold(batch, i, RelPath(*item.path), *link);
      continue;
    }
    if (local && local->type == sys::FileType::directory) clear_way_(*item.path, batch.last_try);
    item.existed = local.has_value();
    item.digest = item.step.recorded().digest;
    item.suspect = is_suspect(item.path->text());
    batch.wanted.push_back(i);
  }
}

// Another mirror has the last word on what lies in its target.
bool Settler::leave_to_inner_tree(BatchItem& item) {
  const std::string_view path = item.step.row.path();
  if (!inner_.cover(path)) return false;
  item.path.reset();
  item.settled = true;
  progress_.settle(path);
  ++report_.skipped;
  constexpr const char* k_what = "left alone what lies in another tree's target";
  if (first_few_.note(k_what)) k_log.warning(k_what, {{"path", path}});
  return true;
}

void Settler::give_up(const Batch& batch) {
  for (const auto* asked : {&batch.wanted, &batch.held})
    for (const auto i : *asked) progress_.not_begun(batch.items[i].path->text());
}

void Settler::judge(Batch& batch, std::vector<Step>* blocked) {
  report_.connections += batch.connections;
  report_.bytes += batch.bytes;
  for (const auto i : batch.held) judge_held(batch.items[i]);
  if (!batch.note) return;  // nothing was asked for
  for (const auto i : batch.wanted) {
    auto& item = batch.items[i];
    const bool tried_again = item.outcome == Outcome::in_the_way && blocked != nullptr;
    if (tried_again) blocked->push_back(item.step);
    if (has_arrived(item.outcome)) batch.transferred = true;
    if (batch.lacks_room(item))
      note_no_room(batch, item);
    else
      judge_one(batch, item, tried_again);
  }
  if (batch.problem) note_breaker(batch);
}

void Settler::judge_held(BatchItem& item) {
  judge_missed(item, state::Why::failing, item.message);
}

// The file that did not fit rests, and the others go on.
void Settler::note_no_room(Batch& batch, BatchItem& item) {
  const auto recorded = item.step.recorded();
  auto reason = cat("no room in ", target_.path(), ", ", sys::bytes_free(target_.path()), " bytes free");
  if (!recorded.size.empty()) reason += cat(", ", recorded.size, " wanted");
  reason += ": " + item.message;
  constexpr const char* k_what = "a file does not fit here";
  if (first_few_.note(k_what)) k_log.warning(k_what, {{"path", item.path->text()}, {"reason", reason}});
  judge_missed(item, state::Why::failing, reason);
  batch.room_wanted = true;
  if (!item.settled) batch.problem->message = std::move(reason);
  if (!item.settled) batch.open_for_room = true;
}

void Settler::note_breaker(Batch& batch) {
  std::vector<Outcome> outcomes;
  for (const auto i : batch.wanted) outcomes.push_back(batch.items[i].outcome);
  const auto at = broken_at(batch.names(), outcomes, *batch.problem);
  if (!at) return;
  auto& item = batch.items[batch.wanted[*at]];
  k_log.warning(cat("the connection broke at ", quoted(item.path->text()), ": ", batch.problem->message));
  judge_missed(item, state::Why::breaks_connection,
               cat("the connection broke at it: ", batch.problem->message));
}

void Settler::judge_one(Batch& batch, BatchItem& item, bool tried_again) {
  if (has_arrived(item.outcome) && !item.uncompared) return judge_arrived(batch, item);
  if (item.outcome == Outcome::vanished) return judge_vanished(item);
  if (is_skipped(item.outcome)) return judge_skipped(batch, item);
  auto reason = item.message.empty() ? std::string("not transferred yet") : item.message;
  // Of a connection that broke nothing is the file's fault.
  if (has_failed(item.outcome) && !tried_again && !batch.problem)
    return judge_missed(item, state::Why::failing, std::move(reason));
  progress_.not_tried(item.path->text(), item.step.row.epoch(), std::move(reason));
}

void Settler::judge_arrived(Batch& batch, BatchItem& item) {
  if (!is_content_right(item)) return;
  const std::string& path = item.path->text();
  item.settled = true;
  if (progress_.settle(path)) tell_arrival(path);
  constexpr const char* k_what =
      "a file belongs to another user, so its mode stays; change its owner, or mirror as root";
  if (!item.message.empty() && first_few_.note(k_what)) k_log.warning(k_what, {{"path", path}});
  const bool came = item.outcome == Outcome::transferred;
  if (came) hooks_.arrived(batch.interval, path);
  ++(came ? report_.transferred : report_.unchanged);
  observer_.file_synced(batch.interval, path, item.existed);
}

bool Settler::is_content_right(const BatchItem& item) {
  const std::string& path = item.path->text();
  if (!item.differs) {
    progress_.agree(path);
    return true;
  }
  using state::Difference;
  const auto difference = progress_.differ(path, item.step.row.epoch());
  if (difference != Difference::alarm) return difference == Difference::known;
  constexpr const char* k_what =
      "a file's content is not what its event records, although it was fetched twice: compare it "
      "with the origin's, and register it there anew if that is right";
  if (first_few_.note(k_what)) k_log.error(k_what, {{"path", path}, {"recorded", item.digest}});
  ++report_.differing;
  return true;
}

void Settler::judge_vanished(BatchItem& item) {
  const std::string& path = item.path->text();
  if (!options_.select.ignore_link_stat_errors) return progress_.leave_open(path, item.message);
  judge_missed(item, state::Why::absent, item.message);
}

// It is told when it counts as done without being here, and later ever more rarely, however often a single
// run looks for it.
void Settler::judge_missed(BatchItem& item, state::Why why, std::string reason) {
  using state::Missed;
  const std::string& path = item.path->text();
  const bool absent = why == state::Why::absent;
  const auto missed = progress_.miss(path, item.step.row.epoch(), why, reason, clock_.now());
  item.settled = missed != Missed::look_again;
  if (!item.settled) return;
  if (missed != Missed::known) ++report_.missed;
  const char* const what = absent
                               ? "the index names a file that the upstream has not"
                               : "a file cannot be mirrored; the index that names it is shown all the same";
  if (missed != Missed::known && first_few_.note(what))
    k_log.warning(what, {{"path", path}, {"reason", reason}});
  if (missed != Missed::known_now || !absent) return;
  observer_.file_gone(path);
  ++report_.gone;
}

void Settler::tell_arrival(std::string_view path) {
  constexpr const char* k_what = "a file that could not be had is here now";
  if (first_few_.note(k_what)) k_log.warning(k_what, {{"path", path}});
}

// What is here is an older version, which nobody wants any more; but not what somebody else put here because
// the upstream has it.
bool Settler::is_outdated(const BatchItem& item) const {
  const auto local = item.existed ? target_.lstat(*item.path) : std::nullopt;
  if (!local) return false;
  if (local->type != sys::FileType::symlink || item.outcome != Outcome::skipped_link)
    return local->type == sys::FileType::regular || local->type == sys::FileType::symlink;
  const auto text = sys::read_link(target_.path() + "/" + item.path->text());
  return text && !sys::leads_out(item.path->text(), *text);
}

void Settler::judge_skipped(Batch& batch, BatchItem& item) {
  const std::string& path = item.path->text();
  item.settled = true;
  if (item.outcome == Outcome::skipped_size)
    progress_.settle(path);
  else
    progress_.leave_out(path, item.step.row.epoch(), item.outcome == Outcome::skipped_link);
  if (is_outdated(item)) progress_.queue_delete(path, item.step.row.epoch(), batch.interval);
  if (item.outcome == Outcome::skipped_size) return;
  const auto* const what = item.outcome == Outcome::skipped_link
                               ? "skipped a symbolic link that leaves the tree"
                               : "skipped what is no file and no link";
  if (first_few_.note(what)) k_log.warning(what, {{"path", path}});
  ++report_.skipped;
}

void Settler::tell_the_rest() {
  first_few_.end([](std::string_view what, std::uint64_t more) {
    k_log.warning(cat(what, ", and ", more, " more in this pass"));
  });
}

}  // namespace recentd::mirror
