#include "upstream/chain.hpp"

#include <algorithm>

#include <recentd/error.hpp>

#include "base/log.hpp"
#include "base/text.hpp"
#include "model/clock_slack.hpp"
#include "upstream/chain_rules.hpp"

namespace recentd::upstream {
namespace {

const Log k_log("mirror");

constexpr auto k_principal_limit = std::chrono::minutes(10);  // it is small, and other upstreams may have it
constexpr const char* k_usual_link = "RECENT.recent";
constexpr const char* k_usual_principal = "RECENT-1h.yaml";  // asked for at once, in case it is the one

std::string from(const transport::Transport& transport) {
  return cat(" of ", quoted(transport.describe()));
}

[[noreturn]] void refuse(const transport::Transport& source, const std::string& why,
                         const Acceptance& acceptance, MirrorReport& report) {
  report.other_tree = acceptance.stranger().has_value();
  throw Error(Kind::refused, cat("source ", quoted(source.describe()), " is not followed: ", why));
}

}  // namespace

Chain::Chain(SourceSpec source, const MirrorOptions& options, IndexCache& cache,
             transport::Transport& transport, state::Progress& progress, Shown& shown, Clock& clock,
             Observer& observer, MirrorReport& report)
    : source_(std::move(source)),
      options_(options),
      cache_(cache),
      transport_(transport),
      progress_(progress),
      shown_(shown),
      clock_(clock),
      observer_(observer),
      report_(report),
      acceptance_(cache, transport, progress) {
  // Which names are no content is known before the first fetch, if anything is.
  const auto& principal = progress.state().principal;
  if (const auto known = split_level_name(principal.empty() ? source_.index.value_or("") : principal))
    bookkeeping_ = Bookkeeping(known->filenameroot);
}

bool Chain::is_due() const {
  const auto& poll = options_.poll;
  return clock_.steady() >= last_fetch_ + std::min(poll.ttl, poll.work_limit.value_or(poll.ttl));
}

LevelName Chain::name_of(const LevelStatus& level) const {
  return {principal_.filenameroot, level.interval.spec(), principal_.suffix};
}

IndexCache::Result Chain::fetch(const std::vector<std::string>& names, const IndexCache::AllBounds& bounds) {
  // At the start all copies have to be read, for which the first connection leaves time.
  std::function<void()> meanwhile;
  if (levels_.empty()) meanwhile = [&] { cache_.look_ahead(principal_.file()); };
  auto result = cache_.fetch(names, transport_, bounds, std::move(meanwhile));
  ++report_.connections;
  for (const auto& [name, item] : result.items) {
    const bool changed = item.what == IndexCache::Fetched::changed;
    if (changed) progress_.note_written();
    if (changed || item.what == IndexCache::Fetched::same) observer_.index_fetched(name, changed);
  }
  problem_ = result.problem;
  return result;
}

// Whatever of these the principal is: it must not fall behind what was seen.
IndexCache::Result Chain::fetch_principal(const std::vector<std::string>& names) {
  IndexCache::AllBounds bounds;
  for (const auto& name : names) bounds[name] = acceptance_.bounds(latest_believable(clock_.now()));
  // Over HTTP the link has the principal's content, for which its deltas may do.
  if (!principal_.filenameroot.empty())
    for (auto& [name, of] : bounds) of.polled_as = principal_.file();
  cache_.set_time_limit(k_principal_limit);
  return fetch(names, bounds);
}

// The only `.recent` of an upstream that has no RECENT.recent.
std::string Chain::find_link() {
  const auto listing = transport_.list("*.recent");
  ++report_.connections;
  problem_ = listing.problem;
  std::vector<std::string> links;
  for (const auto& name : listing.names)
    if (is_link_name(name) && !name.starts_with(".")) links.push_back(name);
  if (problem_) return {};
  if (links.empty())
    throw Error(Kind::missing,
                cat("source", from(transport_),
                    " has no index (no RECENT.recent); make one there with `recentd init`, or check "
                    "the address",
                    listing.possible ? "" : ". If its index has another name, add that: .../NAME.recent"));
  if (links.size() > 1) {
    std::string all;
    for (const auto& link : links) all += " " + quoted(link);
    throw Error(Kind::usage,
                cat("source", from(transport_), " has several indexes; add one of these names to it:", all));
  }
  return links.front();
}

// The names of the link and the principal as far as they are known; both are fetched in one connection.
std::vector<std::string> Chain::principal_names() {
  if (source_.index && !is_link_name(*source_.index)) {
    principal_ = *split_level_name(*source_.index);
    return {*source_.index};
  }
  const auto& known = progress_.state().principal;
  if (const auto remembered = split_level_name(known); remembered && levels_.empty()) {
    principal_ = *remembered;
    if (!link_) link_ = link_name(remembered->filenameroot);
  }
  if (source_.index) link_ = source_.index;
  if (!link_) link_ = k_usual_link;
  std::vector<std::string> names = {*link_};
  if (!principal_.filenameroot.empty() && !link_is_file_)
    names.push_back(principal_.file());
  else if (principal_.filenameroot.empty() && *link_ == k_usual_link)
    names.emplace_back(k_usual_principal);
  return names;
}

bool Chain::refresh() {
  const auto known = principal_.file();
  const bool is_here = !levels_.empty() && levels_.front().facts && levels_.front().name == known;
  if (is_here && transport_.has_no_news(link_.value_or(known), cache_.path(known))) {
    problem_.reset();
    IndexCache::Item item;
    item.what = IndexCache::Fetched::same;
    take_principal(item);
    return true;
  }
  auto result = fetch_principal(principal_names());
  if (problem_) {
    take_what_came(result);
    return false;
  }
  if (link_ && !source_.index && result.items[*link_].what == IndexCache::Fetched::absent) {
    link_ = find_link();
    if (problem_) {
      link_.reset();
      return false;
    }
    result = fetch_principal({*link_});
    if (problem_) return false;
  }
  if (link_) follow_link(*link_, result.items[*link_]);
  const auto file = principal_.file();
  if (!link_is_file_ && !result.items.contains(file)) {
    result = fetch_principal({file});
    if (problem_) {
      take_what_came(result);
      return false;
    }
  }
  take_principal(result.items[link_is_file_ ? *link_ : file]);
  return true;
}

// A principal that came before the connection broke: the next fetch finds the same, and would tell no news.
void Chain::take_what_came(const IndexCache::Result& result) {
  if (levels_.empty() || levels_.front().name != principal_.file()) return;
  const auto item = result.items.find(link_is_file_ ? *link_ : principal_.file());
  if (item != result.items.end() && item->second.what == IndexCache::Fetched::changed)
    take_principal(item->second);
}

// What `.recent` says about the principal's name.
void Chain::follow_link(const std::string& link, const IndexCache::Item& item) {
  using Fetched = IndexCache::Fetched;
  if (item.what == Fetched::absent)
    throw Error(Kind::missing, cat("source", from(transport_), " has no ", quoted(link),
                                   "; check the address, or make an index there with `recentd init`"));
  if (item.what == Fetched::broken) throw Error(Kind::corrupt, item.message);
  if (item.what == Fetched::refused) refuse(transport_, item.message, acceptance_, report_);
  if (item.what == Fetched::failed)
    throw Error(Kind::transport, cat("cannot fetch ", quoted(link), from(transport_), ": ", item.message));
  const bool known = link_is_file_ && item.what == Fetched::same && !levels_.empty();
  link_is_file_ = !item.link_target;
  if (known) return;
  if (item.what != Fetched::older) adopt_principal_name(link, item);
}

void Chain::adopt_principal_name(const std::string& link, const IndexCache::Item& item) {
  const auto facts = link_is_file_ ? cache_.facts(link) : std::nullopt;
  const std::string file = item.link_target ? *item.link_target
                           : facts ? LevelName{facts->filenameroot, facts->interval, facts->suffix}.file()
                                   : std::string();
  const auto name = split_level_name(file);
  if (!name || name->file() != file || file.find('/') != std::string::npos ||
      !Interval::parse(name->interval))
    throw Error(Kind::corrupt, cat(quoted(link), from(transport_), " leads to ", quoted(file),
                                   ", which is no index file beside it"));
  if (!codec::format_of_suffix(name->suffix))
    throw Error(Kind::corrupt, cat(quoted(link), from(transport_), " leads to ", quoted(file),
                                   "; indexes are .yaml, .json, .sto or .dd files"));
  if (link_is_file_) cache_.alias(link, file);
  principal_ = *name;
}

// Throws unless the principal arrived, or is the one that is here already.
void Chain::demand_principal(const IndexCache::Item& item) {
  using Fetched = IndexCache::Fetched;
  const auto file = principal_.file();
  if (item.what == Fetched::absent)
    throw Error(Kind::missing, cat("source", from(transport_), " has no ", quoted(file),
                                   "; check the address, or run `recentd aggregate` there"));
  if (item.what == Fetched::broken) throw Error(Kind::corrupt, item.message, file);
  if (item.what == Fetched::refused) refuse(transport_, item.message, acceptance_, report_);
  if (item.what == Fetched::older) {
    report_.rolled_back = true;
    throw Error(Kind::refused,
                cat("source", from(transport_),
                    options_.other_sources.empty() ? " was rolled back: " : " lags or was rolled back: ",
                    item.message,
                    "; it is not followed until it has caught up. If it is right, run with --reset-state"),
                file);
  }
  if (item.what == Fetched::failed)
    throw Error(Kind::transport, cat("cannot fetch ", quoted(file), from(transport_), ": ", item.message));
}

// What lies in the future is a claim that no honest upstream could live up to.
void Chain::note_newest() {
  const auto& newest = levels_.front().facts->newest;
  const auto& known = progress_.state();
  const bool falls_behind = newest && known.seen && *newest < *known.seen;
  if (falls_behind &&
      is_begun_anew(*levels_.front().facts, {known.seen, known.dirtymark}, latest_believable(clock_.now()))) {
    k_log.warning("the upstream's index was begun anew: everything is checked again");
    progress_.begin_anew(newest);
  }
  if (progress_.forget_done_of_the_future(newest))
    k_log.warning("the upstream's events of the future are gone; what came since is looked at again");
  if (is_believable(newest, clock_.now())) progress_.note_seen(newest);
}

void Chain::take_principal(const IndexCache::Item& item) {
  using Fetched = IndexCache::Fetched;
  demand_principal(item);
  const auto file = principal_.file();
  progress_.note_fetch();
  last_fetch_ = clock_.steady();
  const bool first = levels_.empty() || levels_.front().name != file;
  if (item.what == Fetched::same && !first) return note_newest();
  auto facts = item.facts && item.what == Fetched::changed ? item.facts : cache_.facts(file);
  if (!facts)
    throw Error(
        Kind::corrupt,
        cat("index ", quoted(cache_.path(file)),
            " does not parse; its upstream's operators see by `recentd fsck ROOT` what is wrong with it"),
        file);
  const auto before = first ? std::nullopt : levels_.front().facts;
  if (first) begin_chain(file);
  auto& principal = levels_.front();
  if (item.what == Fetched::changed)
    tell_skipped(file, *facts, before);  // else it was told, if not by this process
  principal.facts = std::move(facts);
  note_newest();
  acceptance_.taken(*principal.facts);
  shown_.principal_fetched(principal.facts->dirtymark);
  shown_.look(principal);
  adopt_levels();
  adopt_dirtymark();
}

}  // namespace recentd::upstream
