#include "mirror/pass.hpp"

#include <algorithm>
#include <utility>

#include <recentd/error.hpp>

#include "base/log.hpp"
#include "base/meter.hpp"
#include "base/text.hpp"
#include "mirror/deletes/extraneous.hpp"
#include "mirror/transfer/fetch_paths.hpp"
#include "model/clock_slack.hpp"
#include "sys/process/identity.hpp"
#include "sys/tree/identity.hpp"
#include "target/kept_links.hpp"
#include "target/local_modes.hpp"
#include "upstream/shown_principal.hpp"

namespace recentd::mirror {
namespace {

const Log k_log("mirror");

// With changes all the time and a short ttl the principal is always due again; reports and the status file
// come after a pass.
constexpr auto k_longest_pass = std::chrono::seconds(60);

bool is_all_shown(upstream::Chain& chain) {
  const auto& levels = chain.levels();
  for (std::size_t i = 0; i < levels.size(); ++i)
    if (!levels[i].absent && !(levels[i].published && chain.is_complete(i))) return false;
  return true;
}

}  // namespace

Pass::Pass(const MirrorOptions& options, upstream::SourceSpec source, const Places& places,
           transport::Transport& transport, Clock& clock, Observer& observer, HookPoints& hooks)
    : options_(options),
      target_(places.target),
      clock_(clock),
      hooks_(hooks),
      transport_(transport, places.demand_same),
      approval_(places.private_directory),
      generations_(options, target_, places.private_directory, clock, sys::boot_id()),
      cache_(places.index_directory, places.target, options.connect.allow_suffixes,
             options.connect.max_index_size),
      journal_(
          target_, places.private_directory + "/unfinished",
          [this](target::TransferJournal::Paths& paths) { cache_.spare_named(paths); }, options.places.fsync,
          sys::boot_id()),
      progress_(state::StateStore(places.private_directory, options.places.fsync, places.demand_same),
                start(source.text),
                [this] {
                  transport_.demand_same();
                  journal_.make_durable();
                }),
      publisher_(options, target_, places.private_directory, places.demand_same, generations_, chain_, cache_,
                 progress_, hooks, observer, clock, report_),
      chain_(std::move(source), options, cache_, transport_, progress_, publisher_, clock, observer, report_),
      guards_{{options, target_, chain_, progress_, hooks, observer, clock},
              {options.deletes.limit, chain_, progress_.state(), hooks, clock}},
      removal_(options, target_, chain_, progress_, guards_.deletes, generations_, places.demand_same, hooks,
               observer, clock, report_),
      fetcher_(options, target_, transport_, journal_, clock, chain_.bookkeeping(),
               places.private_directory + "/blocks"),
      settler_(
          options, target_, chain_.bookkeeping(), journal_, progress_,
          [this](const RelPath& path, bool strays) { removal_.clear_way(path, strays); }, hooks, observer,
          clock, report_),
      pipeline_(
          options, fetcher_, settler_, progress_, [this] { return chain_.is_due(); },
          [this] { transport_.demand_same(); }, hooks, observer, clock,
          {{options, target_, chain_, transport_, journal_, progress_, hooks, observer, clock, report_},
           {places.index_directory + "/overtaking", places.index_directory + "/index",
            options.connect.allow_suffixes, options.connect.max_index_size}}) {
  target::note_kept_links(places.private_directory, options.files.keep_dirlinks);
  if (options.files.keep_dirlinks) target_.follow_links();
  journal_.tell(generations_);
  journal_.sweep();
  if (journal_.owes_sync()) progress_.note_written();
  target::LocalModes(target_, places.private_directory, &generations_)
      .follow(options.files.chmod, chain_.bookkeeping());
  adopt_what_is_here(chain_.source());
  adopt_other_part();
  if (options_.deletes.accept) progress_.accept_deletes({});
  // Wishes of this start: whoever takes this one's place must find them fulfilled.
  if ((options_.deletes.accept || begins_anew()) && progress_.has_history()) progress_.save();
}

Pass::~Pass() {
  try {
    settler_.tell_the_rest();
    transport_.demand_same();
    journal_.sweep();
  } catch (const Error&) {
    // The next start tries again.
  }
}

state::Progress::Start Pass::start(const std::string& source) const {
  return {.source = source,
          .target = sys::directory_identity(target_.fd()),
          .boot_id = sys::boot_id(),
          .fsync = options_.places.fsync,
          .reset = begins_anew(),
          .skip_deletes = options_.deletes.skip,
          .believable = latest_believable(clock_.now())};
}

bool Pass::begins_anew() const {
  return options_.places.reset_state || options_.places.accept_source;
}

// A target without a history of ours may hold anything; what the index does not name is told in the end. What
// its own index tells was seen, by whoever mirrored it before: an older principal is a rollback.
void Pass::adopt_what_is_here(const upstream::SourceSpec& source) {
  const auto& state = progress_.state();
  if (state.newest || !state.levels.empty() || !has_content(target_, chain_.bookkeeping())) return;
  progress_.set_adopting(true);
  if (state.seen || begins_anew()) return;
  const auto newest = upstream::shown_newest(target_.path(), source);
  if (is_believable(newest, clock_.now())) progress_.note_seen(newest);
}

// What another selection passed over counts as done; it has to be looked at again.
void Pass::adopt_other_part() {
  if (shows_nothing() || !publisher_.wants_other_part()) return;
  progress_.forget_done();
  progress_.save();
  publisher_.keep_part();
}

// Of only a window of events no level is ever complete.
bool Pass::shows_nothing() const {
  const auto& select = options_.select;
  return select.after || select.before || select.max_events != 0;
}

// Whoever could not have the target's lock may have left word.
void Pass::hear_operator() {
  const auto up_to = approval_.read();
  if (!up_to) return;
  progress_.accept_deletes(up_to);
  progress_.save();
  approval_.forget();
  k_log.warning("deletes that were held back are accepted now");
}

void Pass::begin(FailingPaths failing) {
  this_run_.failing = failing;
  chain_.forget_problem();
  pipeline_.forget_problem();
  this_run_.only_deletes_open = false;
  report_.up_to_date = report_.rolled_back = report_.other_tree = false;
  hear_operator();
}

Pass::End Pass::run(FailingPaths failing) {
  transport_.demand_same();
  begin(failing);
  // After one that was cut the count goes on.
  if (meter().look().phase.empty()) meter().begin("asking the upstream");
  const auto until = clock_.steady() + k_longest_pass;
  auto end = WorkEnd::broken;
  while (chain_.refresh() && chain_.fetch_needed()) {
    end = work_off();
    if (end != WorkEnd::principal_due || clock_.steady() >= until) break;
  }
  settler_.tell_the_rest();
  progress_.save_if_changed();
  if (end == WorkEnd::stopped) return End::stopped;
  if (is_broken())
    return problem()->nature == transport::Problem::Nature::stopped ? End::stopped : End::broken;
  if (end == WorkEnd::finished && !progress_.state().deletes.empty()) meter().begin("deleting");
  finish();
  if (pipeline_.no_room()) return End::broken;
  if (end == WorkEnd::principal_due) return End::cut;
  return report_.up_to_date ? End::up_to_date : End::open;
}

std::int64_t Pass::now_s() const {
  return std::chrono::floor<std::chrono::seconds>(clock_.now()).time_since_epoch().count();
}

// Not that a file does not fit here, which ends nothing.
bool Pass::is_broken() const noexcept {
  return chain_.problem() || pipeline_.problem();
}

// In a single run all may be tried, but not again and again in one pass.
void Pass::look_at_missing() {
  using state::When;
  const auto failing = std::exchange(this_run_.failing, FailingPaths::let_rest);
  progress_.look_at_missing(now_s(), failing == FailingPaths::try_all ? When::or_young : When::rests_over,
                            guards_.missing.too_many());
}

void Pass::show_complete_levels() {
  if (shows_nothing()) return;
  auto& levels = chain_.levels();
  std::size_t complete = 0;
  while (complete < levels.size() && chain_.is_complete(complete)) ++complete;
  if (!publisher_.show(levels, complete)) return;
  remove_deleted();
  hooks_.publishing_ended();
}

// Carries out the deletes of what is visible now.
void Pass::remove_deleted() {
  report_.held_deletes = 0;
  const auto queued = progress_.state().deletes.size();
  if (queued == 0) return;
  const auto result = removal_.perform();
  if (result.removed > 0) progress_.note_written();
  if (result.removed > 0) progress_.note_room();
  report_.held_deletes = result.held.deletes;
  report_.held_of = result.held.tree;
  if (progress_.state().deletes.size() != queued) progress_.save();
  hooks_.deletes_ended();
}

bool Pass::is_all_done() {
  return progress_.pending().empty() &&
         std::ranges::none_of(progress_.state().deletes,
                              [](const auto& each) { return state::is_open(each.second); }) &&
         (shows_nothing() || is_all_shown(chain_));
}

void Pass::prune_if_wanted(bool all) {
  report_.held_extra = 0;
  if (!all || !options_.deletes.prune || shows_nothing()) return;
  const auto pruned = removal_.prune();
  report_.held_extra = pruned.held.deletes;
  if (report_.held_deletes == 0) report_.held_of = pruned.held.tree;
  if (pruned.removed > 0) progress_.note_written();
}

// What comes after all levels: deletes left by a crash, the wish to prune, and whether all is done.
void Pass::finish() {
  remove_deleted();
  const bool all = is_all_done(), whole = all && !shows_nothing();
  if (whole) progress_.forget_hidden();
  prune_if_wanted(all);
  hooks_.deletes_ended();
  if (whole && progress_.state().adopting) {
    if (!options_.deletes.prune && !options_.deletes.skip) removal_.report_extraneous();
    progress_.set_adopting(false);
  }
  removal_.sweep();
  report_.held_missing = guards_.missing.report();
  report_.known_missing = state::count_known(progress_.state());
  report_.failed_deletes = state::count_failed_deletes(progress_.state());
  const bool held = report_.held_deletes + report_.held_extra != 0;
  report_.up_to_date = all && !held;
  this_run_.only_deletes_open = all && held;
  if (report_.up_to_date && !chain_.is_wanting()) chain_.all_is_well();
  if (whole && !held) progress_.forget_not_known();
  // Only now: until then some level may still tell of changes that are newer than all we knew.
  const auto& newest = chain_.principal()->newest;
  if (whole && is_believable(newest, clock_.now())) progress_.note_newest(newest);
  progress_.save_if_changed();
  progress_.sync();
  if (whole) journal_.clear_suspects();
  // What waits for a delete that is held back, or cannot be done, has more than it should, and lacks nothing.
  if (shows_nothing() || !progress_.pending().empty() || !is_all_shown(chain_)) return;
  transport_.demand_same();
  generations_.publish(chain_.bookkeeping());
}

void Pass::begin_report() {
  report_ = {
      .held_deletes = report_.held_deletes, .held_extra = report_.held_extra, .held_of = report_.held_of};
}

std::optional<transport::Problem> Pass::fetch_paths(const std::vector<std::string>& paths) {
  transport_.demand_same();
  auto result = mirror::fetch_paths(paths, target_, chain_.bookkeeping(), transport_, journal_);
  ++report_.connections;
  report_.transferred += result.transferred;
  report_.unchanged += result.unchanged;
  for (auto& [path, reason] : result.missing) progress_.leave_open(path, std::move(reason));
  // The operator need not wait for the next look at it.
  for (const auto& path : result.arrived) progress_.settle(path);
  if (progress_.has_history() && !result.arrived.empty()) progress_.save();
  report_.up_to_date = progress_.pending().empty() && !result.problem;
  return std::move(result.problem);
}

const std::optional<transport::Problem>& Pass::problem() const noexcept {
  if (chain_.problem()) return chain_.problem();
  return pipeline_.problem() ? pipeline_.problem() : pipeline_.no_room();
}

}  // namespace recentd::mirror
