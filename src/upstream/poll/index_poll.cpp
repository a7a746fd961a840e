// The index cache's polls: of a file that is asked for again and again, and mostly changed a little.

#include <algorithm>

#include "delta/fetch.hpp"
#include "delta/offer.hpp"
#include "delta/versions.hpp"
#include "recentfile/names.hpp"
#include "upstream/index_cache.hpp"

namespace recentd::upstream {

// Returns the names that have to be fetched as a whole.
std::vector<std::string> IndexCache::poll(const std::vector<std::string>& names,
                                          transport::Transport& transport, const AllBounds& bounds,
                                          Result& result) {
  std::vector<std::string> whole;
  for (const auto& name : names) {
    const auto known = bounds.find(name);
    const auto here = sys::lstat_path(path(name));
    const bool may = known != bounds.end() && !known->second.polled_as.empty() &&
                     transport.sends_whole_files() && !result.problem && here &&
                     here->type == sys::FileType::regular && here->size_bytes >= delta::k_level_bytes_min &&
                     is_offered(known->second.polled_as);
    if (!may || polls_to_pass_ > 0) {
      if (may) --polls_to_pass_;
      whole.push_back(name);
      continue;
    }
    lay_base(name);
    auto request = request_for({name});
    request.look_first = true;
    const auto fetched = transport.fetch(request);
    result.problem = fetched.problem;
    const bool differs = !fetched.seen.empty() && fetched.seen.front();
    Item item;
    if (!differs)
      result.items[name] = item_of(name, fetched.outcomes.front(), fetched.messages.front(), bounds);
    else if (make_polled(name, *fetched.seen.front(), transport, known->second, item, result))
      result.items[name] = std::move(item);
    else
      whole.push_back(name);
    sys::unlink_file(incoming(name));
  }
  return whole;
}

// Who was offered something offers himself, which is known to the next process, too.
bool IndexCache::is_offered(const std::string& level) const {
  return has_seen_offer_ || delta::is_offered(target_, split_level_name(level)->filenameroot);
}

// Whether the deltas that are offered led to it. A source that offers nothing is asked for them ever less
// often.
bool IndexCache::make_polled(const std::string& name, const transport::Seen& seen,
                             transport::Transport& transport, const Bounds& bounds, Item& item,
                             Result& result) {
  constexpr int k_polls_to_pass_max = 64;
  const auto fetched = delta::fetch_levels(
      transport, split_level_name(bounds.polled_as)->filenameroot, incoming(".offered"),
      {{bounds.polled_as, path(name), incoming(name), {}, seen}}, {bytes_max_, time_limit_});
  has_seen_offer_ = has_seen_offer_ || fetched.offered;
  result.problem = fetched.problem;
  if (fetched.got.front() == delta::Got::same) item.what = Fetched::same;
  if (fetched.got.front() == delta::Got::made) item = accept(name, bounds);
  if (item.what == Fetched::same || item.what == Fetched::changed) {
    polls_to_pass_next_ = 1;
    if (fetched.as_seen.front()) transport.confirm(name, path(name));
    return true;
  }
  if (!fetched.offered && !fetched.problem) {
    polls_to_pass_ = polls_to_pass_next_;
    polls_to_pass_next_ = std::min(2 * polls_to_pass_next_, k_polls_to_pass_max);
  }
  return false;
}

}  // namespace recentd::upstream
