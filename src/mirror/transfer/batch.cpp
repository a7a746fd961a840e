#include "mirror/transfer/batch.hpp"

#include <algorithm>
#include <unordered_set>
#include <utility>

#include "base/log.hpp"
#include "base/text.hpp"
#include "lib/sodium/file_digest.hpp"
#include "mirror/differing_paths.hpp"
#include "mirror/failing_paths.hpp"
#include "mirror/transfer/quick_check.hpp"
#include "sys/tree/bulk_rename.hpp"
#include "target/staging.hpp"

namespace recentd::mirror {
namespace {

const Log k_log("mirror");

using transport::Outcome;

// Files that are all new: below it the check of names costs less than the detour.
constexpr std::size_t k_many = 1000, k_many_in_a_directory = 16;

bool failed(Outcome outcome) {
  return outcome == Outcome::failed || outcome == Outcome::in_the_way;
}

void forget(auto& map, std::string_view path) {
  if (const auto found = map.find(path); found != map.end()) map.erase(found);
}

bool arrived(Outcome outcome) {
  return outcome == Outcome::transferred || outcome == Outcome::unchanged;
}

}  // namespace

// An event newer than all we knew tells of a change that size and time need not show (C15).
bool Batch::may_be_as_recorded(const Step& step) const {
  if (step.action != Action::transfer || step.texts == nullptr || shop_.options.places.checksum) return false;
  if (shop_.state.differing.contains(step.row.path())) return false;
  return !known_newest_ || step.row.epoch() <= *known_newest_;
}

// The index is the upstream's word as much as what its rsync would say.
void Batch::settle_recorded() {
  std::vector<std::size_t> known;
  for (std::size_t i = 0; i < steps_.size(); ++i)
    if (may_be_as_recorded(steps_[i])) known.push_back(i);
  for (const auto i :
       as_recorded(steps_, known, shop_.target, shop_.bookkeeping, shop_.options.select.max_file_size))
    settle_unchanged(i);
}

void Batch::settle_unchanged(std::size_t i) {
  const std::string_view path = steps_[i].row.path();
  settled_[i] = true;
  forget(shop_.state.deletes, path);
  forget(shop_.pending, path);
  forget_missing(path);
  forget_failure(shop_.state, path);
  ++shop_.report.unchanged;
  shop_.observer.file_synced(interval_, path, true);
}

void Batch::collect() {
  std::optional<EpochView> newest;
  sys::CachedLstat cached(shop_.target);
  for (std::size_t i = 0; i < steps_.size(); ++i) {
    if (steps_[i].action != Action::transfer || settled_[i]) continue;
    auto path = RelPath::parse(steps_[i].row.path(), shop_.bookkeeping);
    if (!path) continue;
    // The file is wanted: an older delete of it, queued in an earlier pass, is void (SPEC 11.1 C2).
    shop_.state.deletes.erase(path->text());
    const auto local = cached.lstat(*path);
    if (local && local->type == sys::FileType::directory) removal_.clear_way(*path);
    shop_.pending.insert_or_assign(path->text(), "in transfer");
    request_.names.push_back(path->text());
    if (!newest || steps_[i].row.epoch() > *newest) newest = steps_[i].row.epoch();
    const bool suspect = shop_.state.differing.contains(path->text());
    wanted_.push_back({i, std::move(*path), local.has_value(), steps_[i].recorded().digest, suspect});
  }
  if (newest) request_.as_of = Epoch(*newest).text();
}

bool Batch::prepare() {
  settled_.assign(steps_.size(), false);
  // Deletes first: one of them may clear the way for a file of this batch.
  for (std::size_t i = 0; i < steps_.size(); ++i) {
    if (steps_[i].action != Action::remove && steps_[i].action != Action::settle) continue;
    settle_without_transfer(steps_[i]);
    settled_[i] = true;
  }
  settle_recorded();
  collect();
  if (wanted_.empty()) return false;
  request_.destination = shop_.target.path();
  request_.max_file_bytes = shop_.options.select.max_file_size;
  return true;
}

bool Batch::pays_apart() const {
  const auto is_new = [](const Wanted& wanted) { return !wanted.existed && !wanted.suspect; };
  if (wanted_.size() < k_many || !std::all_of(wanted_.begin(), wanted_.end(), is_new)) return false;
  std::unordered_set<std::string_view> directories;
  for (const auto& wanted : wanted_) directories.insert(wanted.path.parent());
  if (directories.size() * k_many_in_a_directory > wanted_.size()) return false;
  return std::all_of(directories.begin(), directories.end(), [this](std::string_view directory) {
    return sys::takes_files_from_elsewhere(shop_.target, directory);
  });
}

void Batch::begin(std::uint64_t bytes_per_s) {
  request_.bytes_per_s = bytes_per_s;
  note_ = shop_.journal.begin(request_.names);
  if (auto place = pays_apart() ? shop_.journal.make_place(*note_) : std::nullopt) {
    request_.destination = std::move(*place);
    request_.apart = true;
  }
  shop_.observer.batch_started(interval_, wanted_.size());
}

std::vector<Step> Batch::abandon(Done& done) {
  for (const auto& name : request_.names) shop_.pending.erase(name);
  register_done(done);
  std::vector<Step> left;
  for (std::size_t i = 0; i < steps_.size(); ++i)
    if (!settled_[i]) left.push_back(steps_[i]);
  return left;
}

void Batch::transfer(const std::function<void()>& meanwhile) {
  bool called = !meanwhile;
  const auto call = [&] {
    if (!std::exchange(called, true)) meanwhile();
  };
  if (meanwhile) request_.meanwhile = call;
  const auto start = shop_.clock.steady();
  if (request_.apart)
    fetch_apart();
  else
    result_ = shop_.transport.fetch(request_);
  ++connections_;
  compare_again();
  check_digests();
  took_ = shop_.clock.steady() - start;
  call();
}

// rsync looks a received name up in all that were asked for, which is quadratic in the size of a batch. Where
// all files are new, they come to a place of their own instead, out of which nothing else is taken.
void Batch::fetch_apart() {
  result_ = shop_.transport.fetch(request_);
  std::vector<const RelPath*> paths;
  for (const auto& wanted : wanted_) paths.push_back(&wanted.path);
  target::take_in(request_.destination, shop_.target, paths, result_);
  if (result_.problem) return;
  // What did not arrive, without a word why, is asked for in the ordinary way.
  transport::FetchRequest rest{.names = {}, .destination = shop_.target.path()};
  std::vector<std::size_t> of;
  for (std::size_t k = 0; k < wanted_.size(); ++k) {
    if (result_.outcomes[k] != Outcome::not_tried) continue;
    rest.names.push_back(request_.names[k]);
    of.push_back(k);
  }
  if (of.empty()) return;
  rest.bytes_per_s = request_.bytes_per_s;
  rest.max_file_bytes = request_.max_file_bytes;
  take_over(shop_.transport.fetch(rest), of);
  ++connections_;
}

// The outcomes of another connection for some of the names.
void Batch::take_over(transport::FetchResult again, const std::vector<std::size_t>& of) {
  for (std::size_t n = 0; n < of.size(); ++n) {
    result_.outcomes[of[n]] = again.outcomes[n];
    result_.messages[of[n]] = std::move(again.messages[n]);
  }
  result_.problem = std::move(again.problem);
}

// Events newer than all we knew tell of a change. Where rsync saw equal size and time, only the content can
// show it (C15).
void Batch::compare_again() {
  if (result_.problem) return;
  transport::FetchRequest request;
  std::vector<std::size_t> of;
  for (std::size_t k = 0; k < wanted_.size(); ++k) {
    const bool fresh = known_newest_ && steps_[wanted_[k].step].row.epoch() > *known_newest_;
    if (result_.outcomes[k] != Outcome::unchanged || !wanted_[k].existed || !(fresh || wanted_[k].suspect))
      continue;
    request.names.push_back(request_.names[k]);
    of.push_back(k);
  }
  if (request.names.empty()) return;
  request.destination = shop_.target.path();
  request.bytes_per_s = request_.bytes_per_s;
  request.max_file_bytes = request_.max_file_bytes;
  request.ignore_times = true;
  take_over(shop_.transport.fetch(request), of);
  ++connections_;
}

// Of what came, and of what was wrong before. A digest of another kind is none.
void Batch::check_digests() {
  for (std::size_t k = 0; k < wanted_.size(); ++k) {
    Wanted& wanted = wanted_[k];
    const auto outcome = result_.outcomes[k];
    if (outcome != Outcome::transferred && !(wanted.suspect && outcome == Outcome::unchanged)) continue;
    if (!wanted.digest.starts_with("blake2b-256:")) continue;
    const auto digest = sodium::file_digest(shop_.target, wanted.path);
    wanted.differs = digest && *digest != wanted.digest;
  }
}

// False if it is to be fetched once more.
bool Batch::settle_difference(const Wanted& wanted, const Step& step) {
  const std::string& path = wanted.path.text();
  if (!wanted.differs) {
    forget_difference(shop_.state, path);
    return true;
  }
  const auto difference = note_difference(shop_.state, path, step.row.epoch());
  if (difference == Difference::look_again) {
    shop_.pending.insert_or_assign(path, "its content is not what its event records; it is fetched again");
    return false;
  }
  if (difference == Difference::known) return true;
  k_log.error(
      "a file's content is not what its event records, although it was fetched twice: compare it "
      "with the origin's, and register it there anew if that is right",
      {{"path", path}, {"recorded", wanted.digest}});
  ++shop_.report.differing;
  return true;
}

// Another event of the path counts now; what is visible may name the old one for a while.
void Batch::forget_missing(std::string_view path) {
  const auto known = shop_.state.missing.find(path);
  if (known == shop_.state.missing.end()) return;
  if (known->second.gone) shop_.state.shown_gone.insert(known->first);
  shop_.state.missing.erase(known);
}

void Batch::judge_vanished(const Wanted& wanted, const Step& step, const std::string& message) {
  const std::string& path = wanted.path.text();
  if (!shop_.options.select.ignore_link_stat_errors) {
    shop_.pending.insert_or_assign(path, message);
    return;
  }
  auto& missing = shop_.state.missing;
  const auto found = missing.find(path);
  const bool again = found != missing.end() && found->second.epoch == step.row.epoch();
  if (again && (found->second.gone || found->second.fetch < shop_.state.fetches)) {
    if (!found->second.gone) {
      k_log.warning("the index names a file that the upstream has not", {{"path", path}});
      shop_.observer.file_gone(path);
      ++shop_.report.gone;
    }
    found->second.gone = true;
    shop_.pending.erase(path);
    settled_[wanted.step] = true;
    return;
  }
  // It may just have been replaced: the principal, fetched anew, will tell.
  if (!again) forget_missing(path);
  if (!again)
    missing.insert_or_assign(path, state::MissingPath{Epoch(step.row.epoch()), shop_.state.fetches, false});
  shop_.pending.insert_or_assign(path, message);
}

void Batch::judge(const Wanted& wanted, const Step& step, Outcome outcome, const std::string& message) {
  const std::string& path = wanted.path.text();
  if (outcome == Outcome::vanished) return judge_vanished(wanted, step, message);
  const bool too_large = outcome == Outcome::skipped_size;
  const bool skipped = outcome == Outcome::skipped_link || outcome == Outcome::skipped_kind || too_large;
  if (!arrived(outcome) && !skipped) {
    shop_.pending.insert_or_assign(path, message.empty() ? "not transferred yet" : message);
    return;
  }
  if (arrived(outcome) && !settle_difference(wanted, step)) return;
  settled_[wanted.step] = true;
  shop_.pending.erase(path);
  forget_missing(path);
  forget_failure(shop_.state, path);
  if (too_large) {
    // What is here is an older version, which nobody wants any more.
    if (wanted.existed) queue_delete(step);
    return;
  }
  if (skipped) {
    k_log.warning(outcome == Outcome::skipped_link ? "skipped a symbolic link that leaves the tree"
                                                   : "skipped what is no file and no link",
                  {{"path", path}});
    ++shop_.report.skipped;
    return;
  }
  if (outcome == Outcome::transferred && shop_.hooks) shop_.hooks->arrived(interval_, path);
  ++(outcome == Outcome::transferred ? shop_.report.transferred : shop_.report.unchanged);
  shop_.observer.file_synced(interval_, path, wanted.existed);
}

void Batch::judge_all(std::vector<Step>* blocked) {
  for (std::size_t k = 0; k < wanted_.size(); ++k) {
    const auto& step = steps_[wanted_[k].step];
    const auto outcome = result_.outcomes[k];
    const bool tried_again = outcome == Outcome::in_the_way && blocked;
    if (tried_again) blocked->push_back(step);
    if (arrived(outcome)) transferred_ = true;
    if (failed(outcome) && !tried_again && !result_.problem)
      note_failure(shop_.state, request_.names[k], step.row.epoch(), Failure::of_the_path, shop_.clock.now());
    judge(wanted_[k], step, outcome, result_.messages[k]);
  }
  const auto name = suspect(request_.names, result_);
  if (name.empty()) return;
  const auto k = static_cast<std::size_t>(std::find(request_.names.begin(), request_.names.end(), name) -
                                          request_.names.begin());
  note_failure(shop_.state, name, steps_[wanted_[k].step].row.epoch(), Failure::broke_the_connection,
               shop_.clock.now());
}

// A delete that the operator accepted stays so when the index tells it again.
void Batch::queue_delete(const Step& step) {
  Epoch epoch(step.row.epoch());
  auto& deletes = shop_.state.deletes;
  const auto known = deletes.find(step.row.path());
  const bool accepted = known != deletes.end() && known->second.accepted && known->second.epoch == epoch;
  deletes.insert_or_assign(std::string(step.row.path()),
                           state::PendingDelete{std::move(epoch), std::string(interval_), accepted});
}

void Batch::settle_without_transfer(const Step& step) {
  const auto path = step.row.path();
  if (step.action == Action::remove) {
    const auto checked = RelPath::parse(path, shop_.bookkeeping);
    if (checked && shop_.target.lstat(*checked)) queue_delete(step);
    forget_missing(path);
    forget_failure(shop_.state, path);
    forget_difference(shop_.state, path);
    forget(shop_.pending, path);
  } else if (step.row.type == EventType::delete_ && shop_.options.deletes.skip) {
    shop_.state.deletes_skipped = true;
  }
  if (step.remark == Remark::none) return;
  ++shop_.report.skipped;
  k_log.warning(step.remark == Remark::hostile_path ? "refused an event whose path could leave the tree"
                                                    : "passed over an event of unknown type",
                {{"path", path}, {"interval", interval_}});
}

// Neighbours that are both settled make one range; what is open between them keeps it apart.
void Batch::register_done(Done& done) {
  const auto tied = [&](std::size_t a, std::size_t b) {
    return steps_[a].row.epoch() == steps_[b].row.epoch();
  };
  for (std::size_t i = 1; i < steps_.size(); ++i)
    if (tied(i - 1, i) && !settled_[i - 1]) settled_[i] = false;
  for (std::size_t i = steps_.size(); i-- > 1;)
    if (tied(i - 1, i) && !settled_[i]) settled_[i - 1] = false;

  for (std::size_t i = 0; i < steps_.size();) {
    if (!settled_[i]) {
      ++i;
      continue;
    }
    std::size_t last = i;
    while (last + 1 < steps_.size() && settled_[last + 1] && steps_[last].older &&
           *steps_[last].older == steps_[last + 1].row.epoch())
      ++last;
    done.add_run(steps_[i].newer, steps_[i].row.epoch(), steps_[last].row.epoch(), steps_[last].older);
    i = last + 1;
  }
}

std::optional<transport::Problem> Batch::conclude(Done& done, std::vector<Step>* blocked) {
  shop_.report.connections += connections_;
  if (note_) {
    using End = target::TransferJournal::End;
    shop_.journal.end(*note_, result_.problem ? End::broken : End::orderly, request_.names);
    judge_all(blocked);
  }
  register_done(done);
  return std::move(result_.problem);
}

}  // namespace recentd::mirror
