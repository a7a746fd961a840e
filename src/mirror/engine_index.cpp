// The engine's dealings with index files: fetching what is due, adopting what arrived.

#include <algorithm>

#include <recentd/error.hpp>

#include "base/log.hpp"
#include "base/text.hpp"
#include "mirror/pass.hpp"

namespace recentd::mirror {
namespace {

const Log k_log("mirror");

constexpr std::size_t k_levels_max = 32;
constexpr const char* k_usual_link = "RECENT.recent";
constexpr const char* k_usual_principal = "RECENT-1h.yaml";  // asked for at once, in case it is the one
constexpr std::int64_t k_retry_first_s = 1, k_retry_longest_s = 600;

std::string from(const transport::Transport& transport) {
  return cat(" of ", quoted(transport.describe()));
}

}  // namespace

upstream::IndexCache::Result Engine::fetch_indexes(const std::vector<std::string>& names,
                                                   const upstream::IndexCache::AllBounds& bounds) {
  // At the start all copies have to be read, for which the first connection leaves time.
  std::function<void()> meanwhile;
  if (levels_.empty()) meanwhile = [&] { cache_.look_ahead(principal_name_.file()); };
  auto result = cache_.fetch(names, transport_, bounds, std::move(meanwhile));
  ++report_.connections;
  for (const auto& [name, item] : result.items) {
    const bool changed = item.what == upstream::IndexCache::Fetched::changed;
    if (changed) unsynced_ = true;
    if (changed || item.what == upstream::IndexCache::Fetched::same) observer_.index_fetched(name, changed);
  }
  problem_ = result.problem;
  return result;
}

// Whatever of these the principal is: it must not fall behind what was seen (DECISIONS 32).
upstream::IndexCache::Result Engine::fetch_principal(const std::vector<std::string>& names) {
  upstream::IndexCache::AllBounds bounds;
  for (const auto& name : names) bounds[name] = {state_.seen, {}, ceiling_};
  return fetch_indexes(names, bounds);
}

// The only `.recent` of an upstream that has no RECENT.recent.
std::string Engine::find_link() {
  const auto listing = transport_.list("*.recent");
  ++report_.connections;
  problem_ = listing.problem;
  std::vector<std::string> links;
  for (const auto& name : listing.names)
    if (upstream::is_link_name(name) && !name.starts_with(".")) links.push_back(name);
  if (problem_) return {};
  if (links.empty())
    throw Error(Kind::missing,
                cat("source", from(transport_),
                    " has no index (no RECENT.recent); make one there with `recentd init`, or check "
                    "the address"));
  if (links.size() > 1) {
    std::string all;
    for (const auto& link : links) all += " " + quoted(link);
    throw Error(Kind::usage,
                cat("source", from(transport_), " has several indexes; add one of these names to it:", all));
  }
  return links.front();
}

// The names of the link and the principal as far as they are known; both are fetched in one connection.
std::vector<std::string> Engine::principal_names() {
  const bool named_level = source_.index && !upstream::is_link_name(*source_.index);
  if (named_level) {
    principal_name_ = *split_level_name(*source_.index);
    return {*source_.index};
  }
  if (const auto remembered = split_level_name(state_.principal); remembered && levels_.empty()) {
    principal_name_ = *remembered;
    if (!link_) link_ = link_name(remembered->filenameroot);
  }
  if (source_.index) link_ = source_.index;
  if (!link_) link_ = k_usual_link;
  std::vector<std::string> names = {*link_};
  if (!principal_name_.filenameroot.empty() && !link_is_file_)
    names.push_back(principal_name_.file());
  else if (principal_name_.filenameroot.empty() && *link_ == k_usual_link)
    names.emplace_back(k_usual_principal);
  return names;
}

void Engine::refresh_principal() {
  auto result = fetch_principal(principal_names());
  if (problem_) return;
  if (link_ && !source_.index && result.items[*link_].what == upstream::IndexCache::Fetched::absent) {
    link_ = find_link();
    if (problem_) return link_.reset();
    result = fetch_principal({*link_});
    if (problem_) return;
  }
  if (link_) follow_link(*link_, result.items[*link_]);
  const auto file = principal_name_.file();
  if (!link_is_file_ && !result.items.contains(file)) {
    result = fetch_principal({file});
    if (problem_) return;
  }
  take_principal(result.items[link_is_file_ ? *link_ : file]);
}

// What `.recent` says about the principal's name (SPEC 9.2, 11.1 C30).
void Engine::follow_link(const std::string& link, const upstream::IndexCache::Item& item) {
  using Fetched = upstream::IndexCache::Fetched;
  if (item.what == Fetched::absent)
    throw Error(Kind::missing, cat("source", from(transport_), " has no ", quoted(link),
                                   "; check the address, or make an index there with `recentd init`"));
  if (item.what == Fetched::broken) throw Error(Kind::corrupt, item.message);
  if (item.what == Fetched::failed)
    throw Error(Kind::transport, cat("cannot fetch ", quoted(link), from(transport_), ": ", item.message));
  link_is_file_ = !item.link_target;
  if (item.what == Fetched::older) return;
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
  principal_name_ = *name;
}

void Engine::take_principal(const upstream::IndexCache::Item& item) {
  using Fetched = upstream::IndexCache::Fetched;
  const auto file = principal_name_.file();
  if (item.what == Fetched::absent)
    throw Error(Kind::missing, cat("source", from(transport_), " has no ", quoted(file),
                                   "; check the address, or run `recentd aggregate` there"));
  if (item.what == Fetched::broken) throw Error(Kind::corrupt, item.message, file);
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
  ++state_.fetches;
  last_fetch_ = clock_.steady();
  const bool first = levels_.empty() || levels_.front().name != file;
  if (item.what == Fetched::same && !first) return;
  auto facts = item.facts && item.what == Fetched::changed ? item.facts : cache_.facts(file);
  if (!facts) throw Error(Kind::corrupt, cat("index ", quoted(cache_.path(file)), " does not parse"), file);
  if (first) {
    levels_.clear();
    levels_.push_back(level_status(*Interval::parse(principal_name_.interval)));
    bookkeeping_ = Bookkeeping(principal_name_.filenameroot);
    if (state_.principal != file) unsaved_ = true;
    state_.principal = file;
  }
  levels_.front().facts = std::move(facts);
  const auto& newest = levels_.front().facts->newest;
  if (newest && (!state_.seen || *newest > *state_.seen)) {
    state_.seen = newest;
    unsaved_ = true;
  }
  if (!selection_.empty()) own_.follow(levels_.front().facts->dirtymark);
  note_visible(levels_.front());
  adopt_chain();
  adopt_dirtymark();
}

upstream::LevelStatus Engine::level_status(const Interval& interval) {
  const auto name = LevelName{principal_name_.filenameroot, interval.spec(), principal_name_.suffix}.file();
  upstream::LevelStatus level{interval, name, cache_.facts(name), {}, false, false, false, 0, 0, {}};
  note_visible(level);
  return level;
}

bool Engine::is_published(const upstream::LevelStatus& level) const {
  if (selection_.empty()) return cache_.is_published(level.name);
  return own_.is_published(name_of(level), cache_.path(level.name));
}

LevelName Engine::name_of(const upstream::LevelStatus& level) const {
  return {principal_name_.filenameroot, level.interval.spec(), principal_name_.suffix};
}

// What of the level downstream mirrors can see now.
void Engine::note_visible(upstream::LevelStatus& level) const {
  level.published = level.facts && is_published(level);
  const auto path = target_.path() + "/" + level.name;
  const auto there = sys::lstat_path(path);
  level.visible = there && there->type == sys::FileType::regular;
  if (level.published) {
    level.published_newest = level.facts->newest;
  } else if (level.visible && !level.published_newest) {
    const auto bytes = sys::read_file(path);
    try {
      level.published_newest =
          upstream::inspect(bytes, codec::format_of_suffix(principal_name_.suffix).value(), path).newest;
    } catch (const Error&) {
      level.visible = false;  // what does not parse promises nothing
    }
  }
}

// The levels as the principal's aggregator names them now (SPEC 11.1 C32).
void Engine::adopt_chain() {
  std::vector<std::string> remarks;
  const auto order =
      level_order(*Interval::parse(principal_name_.interval),
                  levels_.front().facts->aggregator.value_or(std::vector<std::string>{}), &remarks);
  if (order.size() > k_levels_max)
    throw Error(Kind::corrupt, cat("index ", quoted(levels_.front().name), " names ", order.size(),
                                   " levels; more than 32 are refused"));
  const bool same = order.size() == levels_.size() &&
                    std::equal(order.begin(), order.end(), levels_.begin(),
                               [](const Interval& interval, const upstream::LevelStatus& level) {
                                 return interval == level.interval;
                               });
  if (same) return;
  for (const auto& remark : remarks) k_log.info(remark);
  std::vector<upstream::LevelStatus> chain;
  for (const auto& interval : order) {
    const auto known = std::find_if(levels_.begin(), levels_.end(), [&](const upstream::LevelStatus& level) {
      return level.interval == interval;
    });
    chain.push_back(known != levels_.end() ? std::move(*known) : level_status(interval));
  }
  levels_ = std::move(chain);
}

void Engine::adopt_dirtymark() {
  const auto& dirtymark = levels_.front().facts->dirtymark;
  if (!dirtymark || same_dirtymark(state_.dirtymark, dirtymark)) return;
  if (state_.dirtymark) {
    observer_.dirtymark_changed(*state_.dirtymark, *dirtymark);
    for (const auto& [path, missing] : state_.missing)
      if (missing.gone) state_.shown_gone.insert(path);
    state_.missing.clear();
    state_.failing.clear();
    pending_.clear();
  }
  state_.dirtymark = dirtymark;
  unsaved_ = true;
}

std::vector<std::size_t> Engine::needed_levels() {
  std::vector<std::size_t> needed;
  for (std::size_t i = 1; i < levels_.size(); ++i)
    if (upstream::need_of(levels_, i) != upstream::Need::none &&
        (levels_[i].retry_at_s <= steady_s() || !upstream::is_answered(levels_, i)))
      needed.push_back(i);
  return needed;
}

void Engine::take_level(upstream::LevelStatus& level, upstream::IndexCache::Item& item) {
  using Fetched = upstream::IndexCache::Fetched;
  if (item.what == Fetched::broken) {
    if (const auto line = level_trouble_.note(item.message)) k_log.error(*line);
  } else if (item.what == Fetched::absent) {
    level.absent = !level.facts;
  } else if (item.what == Fetched::changed) {
    level.facts = std::move(item.facts);
    level.absent = false;
    level.retry_delay_s = 0;
    note_visible(level);
  }
  const auto i = static_cast<std::size_t>(&level - levels_.data());
  if (upstream::need_of(levels_, i) == upstream::Need::none) return;
  if (item.what == Fetched::same || item.what == Fetched::changed || item.what == Fetched::older)
    upstream::note_answer(levels_, i);
  // The upstream has nothing better yet: ask again later, and ever less often.
  level.retry_delay_s = std::clamp(level.retry_delay_s * 2, k_retry_first_s, k_retry_longest_s);
  level.retry_at_s = steady_s() + level.retry_delay_s;
  if (level.retry_delay_s < k_retry_longest_s) return;
  if (const auto line = level_trouble_.note("the upstream's larger index lags behind its smaller one"))
    k_log.warning(*line, {{"index", level.name}});
}

// An index fetched after the principal may know more than it.
bool Engine::ahead_of_principal() const {
  for (std::size_t i = 1; i < levels_.size(); ++i) {
    if (!levels_[i].facts || !levels_[i].facts->newest || !upstream::dirtymark_matches(levels_, i)) continue;
    const auto bound = upstream::vouched_for(levels_, i);
    if (bound && *levels_[i].facts->newest > *bound) return true;
  }
  return false;
}

// Fetches what is due, all in one connection, until nothing is; false if a connection broke.
bool Engine::fetch_needed_levels() {
  for (int round = 0; round < 4; ++round) {
    const auto needed = needed_levels();
    if (needed.empty()) return true;
    std::vector<std::string> names;
    upstream::IndexCache::AllBounds bounds;
    for (const auto i : needed) {
      names.push_back(levels_[i].name);
      // A copy that is worse than ours is none to work with, unless its history is another one.
      const auto& facts = levels_[i].facts;
      if (facts && facts->dirtymark) bounds[names.back()] = {facts->newest, facts->dirtymark, {}};
    }
    auto result = fetch_indexes(names, bounds);
    for (const auto i : needed) take_level(levels_[i], result.items[levels_[i].name]);
    if (problem_) return false;
    if (ahead_of_principal()) refresh_principal();
    if (problem_) return false;
  }
  return true;
}

void Engine::fetch_paths(const std::vector<std::string>& paths) {
  transport::FetchRequest request;
  for (const auto& text : paths) {
    RelPath::Flaw flaw = RelPath::Flaw::none;
    const auto path = RelPath::parse(text, bookkeeping_, &flaw);
    if (!path)
      throw Error(Kind::refused, cat("path ", quoted(text), " is refused: ", describe(flaw),
                                     "; give paths of content, relative to the tree"));
    request.names.push_back(path->text());
  }
  request.destination = target_.path();
  const auto note = journal_.begin(request.names);
  const auto result = transport_.fetch(request);
  using End = target::TransferJournal::End;
  journal_.end(note, result.problem ? End::broken : End::orderly, request.names);
  ++report_.connections;
  for (std::size_t i = 0; i < request.names.size(); ++i) {
    using transport::Outcome;
    const auto outcome = result.outcomes[i];
    if (outcome == Outcome::transferred)
      ++report_.transferred;
    else if (outcome == Outcome::unchanged)
      ++report_.unchanged;
    else
      pending_.insert_or_assign(request.names[i], result.messages[i]);
  }
  problem_ = result.problem;
  report_.up_to_date = pending_.empty() && !problem_;
}

}  // namespace recentd::mirror
