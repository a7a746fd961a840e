#include "upstream/probe.hpp"

#include "base/text.hpp"
#include "codec/codec.hpp"
#include "recentfile/names.hpp"

namespace recentd::upstream {
namespace {

constexpr auto k_time_limit = std::chrono::seconds(20);  // polls wait meanwhile

using Fetched = IndexCache::Fetched;

// The name of a level's file that a link may lead to.
bool is_principal(const std::string& name) {
  const auto parts = split_level_name(name);
  return parts && parts->file() == name && name.find('/') == std::string::npos &&
         codec::format_of_suffix(parts->suffix);
}

Probe::Result judged(IndexCache& cache, const std::string& name, IndexCache::Result& fetched) {
  Probe::Result result;
  result.problem = fetched.problem;
  if (fetched.problem) {
    result.message = fetched.problem->message;
    return result;
  }
  const auto& item = fetched.items[name];
  if (item.what == Fetched::changed) {
    result.facts = item.facts;
  } else if (item.what == Fetched::same) {
    result.facts = cache.facts(name);
  } else {
    result.message = item.what == Fetched::absent ? cat("it has no ", quoted(name)) : item.message;
  }
  if (result.facts) result.file = cache.path(name);
  return result;
}

}  // namespace

Probe::Result Probe::look(transport::Transport& upstream, const SourceSpec& source,
                          const std::string& principal) {
  sys::make_directory(directory_, 0700);
  IndexCache cache(directory_, copies_, allowed_, bytes_max_);
  cache.set_time_limit(k_time_limit);
  const bool names_level = source.index && !is_link_name(*source.index);
  if (names_level) {
    auto fetched = cache.fetch({*source.index}, upstream);
    return judged(cache, *source.index, fetched);
  }
  const auto known = split_level_name(principal);
  const std::string link = source.index ? *source.index
                           : known      ? link_name(known->filenameroot)
                                        : std::string("RECENT.recent");
  std::vector<std::string> names = {link};
  if (is_principal(principal)) names.push_back(principal);
  auto fetched = cache.fetch(names, upstream);
  const auto target = fetched.items[link].link_target;
  if (fetched.problem || !target) return judged(cache, link, fetched);
  if (!is_principal(*target)) return {{}, {}, cat(quoted(link), " leads to ", quoted(*target))};
  if (*target != principal) fetched = cache.fetch({*target}, upstream);
  return judged(cache, *target, fetched);
}

}  // namespace recentd::upstream
