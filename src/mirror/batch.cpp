#include "mirror/batch.hpp"

#include <algorithm>

#include "base/log.hpp"
#include "base/text.hpp"
#include "mirror/failing_paths.hpp"

namespace recentd::mirror {
namespace {

const Log k_log("mirror");

using transport::Outcome;

bool failed(Outcome outcome) {
  return outcome == Outcome::failed || outcome == Outcome::in_the_way;
}

bool arrived(Outcome outcome) {
  return outcome == Outcome::transferred || outcome == Outcome::unchanged;
}

}  // namespace

void Batch::collect(const std::vector<Step>& steps) {
  wanted_.clear();
  for (std::size_t i = 0; i < steps.size(); ++i) {
    if (steps[i].action != Action::transfer) continue;
    auto path = RelPath::parse(steps[i].row.path(), shop_.bookkeeping);
    if (!path) continue;
    // The file is wanted: an older delete of it, queued in an earlier pass, is void (SPEC 11.1 C2).
    shop_.state.deletes.erase(path->text());
    const auto local = shop_.target.lstat(*path);
    if (local && local->type == sys::FileType::directory) removal_.clear_way(*path);
    wanted_.push_back({i, std::move(*path), local.has_value()});
  }
}

// Events newer than all we knew tell of a change. Where rsync saw equal size and time, only the content can
// show it (C15).
void Batch::compare_again(const std::vector<Step>& steps, transport::FetchResult& result) {
  if (!known_newest_ || result.problem) return;
  transport::FetchRequest request;
  std::vector<std::size_t> of;
  for (std::size_t k = 0; k < wanted_.size(); ++k) {
    const auto epoch = steps[wanted_[k].step].row.epoch();
    if (result.outcomes[k] != Outcome::unchanged || !wanted_[k].existed || !(epoch > *known_newest_))
      continue;
    request.names.push_back(wanted_[k].path.text());
    of.push_back(k);
  }
  if (request.names.empty()) return;
  request.destination = shop_.target.path();
  request.temp_directory = k_unfinished;
  request.ignore_times = true;
  auto again = shop_.transport.fetch(request);
  ++shop_.report.connections;
  for (std::size_t n = 0; n < of.size(); ++n) {
    result.outcomes[of[n]] = again.outcomes[n];
    result.messages[of[n]] = again.messages[n];
  }
  result.problem = std::move(again.problem);
}

void Batch::judge_vanished(const Wanted& wanted, const Step& step, const std::string& message) {
  const std::string& path = wanted.path.text();
  if (!shop_.options.ignore_link_stat_errors) {
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
  if (!again)
    missing.insert_or_assign(path, state::MissingPath{Epoch(step.row.epoch()), shop_.state.fetches, false});
  shop_.pending.insert_or_assign(path, message);
}

void Batch::judge(const Wanted& wanted, const Step& step, Outcome outcome, const std::string& message) {
  const std::string& path = wanted.path.text();
  if (outcome == Outcome::vanished) return judge_vanished(wanted, step, message);
  const bool skipped = outcome == Outcome::skipped_link || outcome == Outcome::skipped_kind;
  if (!arrived(outcome) && !skipped) {
    shop_.pending.insert_or_assign(path, message.empty() ? "not transferred yet" : message);
    return;
  }
  settled_[wanted.step] = true;
  shop_.pending.erase(path);
  shop_.state.missing.erase(path);
  forget_failure(shop_.state, path);
  if (skipped) {
    k_log.warning(outcome == Outcome::skipped_link ? "skipped a symbolic link that leaves the tree"
                                                   : "skipped what is no file and no link",
                  {{"path", path}});
    ++shop_.report.skipped;
    return;
  }
  ++(outcome == Outcome::transferred ? shop_.report.transferred : shop_.report.unchanged);
  shop_.observer.file_synced(interval_, path, wanted.existed);
}

std::optional<transport::Problem> Batch::fetch(const std::vector<Step>& steps, std::vector<Step>* blocked) {
  transport::FetchRequest request;
  request.names.reserve(wanted_.size());
  for (const auto& wanted : wanted_) request.names.push_back(wanted.path.text());
  request.destination = shop_.target.path();
  request.temp_directory = k_unfinished;
  shop_.observer.batch_started(interval_, request.names.size());
  auto result = shop_.transport.fetch(request);
  ++shop_.report.connections;
  compare_again(steps, result);
  for (std::size_t k = 0; k < wanted_.size(); ++k) {
    if (result.outcomes[k] == Outcome::in_the_way && blocked) blocked->push_back(steps[wanted_[k].step]);
    if (arrived(result.outcomes[k])) transferred_ = true;
    const bool tried_again = result.outcomes[k] == Outcome::in_the_way && blocked;
    if (failed(result.outcomes[k]) && !tried_again && !result.problem)
      note_failure(shop_.state, wanted_[k].path.text(), steps[wanted_[k].step].row.epoch(),
                   Failure::of_the_path, shop_.clock.now());
    judge(wanted_[k], steps[wanted_[k].step], result.outcomes[k], result.messages[k]);
  }
  if (const auto name = suspect(request.names, result); !name.empty()) {
    const auto k = static_cast<std::size_t>(std::find(request.names.begin(), request.names.end(), name) -
                                            request.names.begin());
    note_failure(shop_.state, name, steps[wanted_[k].step].row.epoch(), Failure::broke_the_connection,
                 shop_.clock.now());
  }
  return std::move(result.problem);
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
    shop_.state.missing.erase(std::string(path));
    forget_failure(shop_.state, path);
    if (const auto open = shop_.pending.find(path); open != shop_.pending.end()) shop_.pending.erase(open);
  } else if (step.row.type == EventType::delete_ && shop_.options.skip_deletes) {
    shop_.state.deletes_skipped = true;
  }
  if (step.remark == Remark::none) return;
  ++shop_.report.skipped;
  k_log.warning(step.remark == Remark::hostile_path ? "refused an event whose path could leave the tree"
                                                    : "passed over an event of unknown type",
                {{"path", path}, {"interval", interval_}});
}

// Neighbours that are both settled make one range; what is open between them keeps it apart.
void Batch::register_done(const std::vector<Step>& steps, Done& done) {
  const auto tied = [&](std::size_t a, std::size_t b) {
    return steps[a].row.epoch() == steps[b].row.epoch();
  };
  for (std::size_t i = 1; i < steps.size(); ++i)
    if (tied(i - 1, i) && !settled_[i - 1]) settled_[i] = false;
  for (std::size_t i = steps.size(); i-- > 1;)
    if (tied(i - 1, i) && !settled_[i]) settled_[i - 1] = false;

  for (std::size_t i = 0; i < steps.size();) {
    if (!settled_[i]) {
      ++i;
      continue;
    }
    std::size_t last = i;
    while (last + 1 < steps.size() && settled_[last + 1] && steps[last].older &&
           *steps[last].older == steps[last + 1].row.epoch())
      ++last;
    done.add_run(steps[i].newer, steps[i].row.epoch(), steps[last].row.epoch(), steps[last].older);
    i = last + 1;
  }
}

std::optional<transport::Problem> Batch::run(const std::vector<Step>& steps, Done& done,
                                             std::vector<Step>* blocked) {
  transferred_ = false;
  settled_.assign(steps.size(), false);
  // Deletes first: one of them may clear the way for a file of this batch.
  for (std::size_t i = 0; i < steps.size(); ++i) {
    if (steps[i].action != Action::remove && steps[i].action != Action::settle) continue;
    settle_without_transfer(steps[i]);
    settled_[i] = true;
  }
  collect(steps);
  std::optional<transport::Problem> problem;
  if (!wanted_.empty()) problem = fetch(steps, blocked);
  register_done(steps, done);
  return problem;
}

}  // namespace recentd::mirror
