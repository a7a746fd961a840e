#include "mirror/transfer/overtaker.hpp"

#include <algorithm>

#include <recentd/error.hpp>
#include <recentd/path.hpp>

#include "base/log.hpp"
#include "base/text.hpp"
#include "mirror/transfer/fetch_paths.hpp"
#include "model/clock_slack.hpp"
#include "target/inner_trees.hpp"
#include "upstream/index_cache.hpp"

namespace recentd::mirror {
namespace {

const Log k_log("mirror");

// What is larger may hold up what is new itself.
constexpr std::uint64_t k_largest_bytes = std::uint64_t{64} << 20;
constexpr auto k_time_limit = std::chrono::seconds(60);
// An upstream that allows no further connection is asked rarely whether it does now.
constexpr int k_rests_after_trouble = 10;

}  // namespace

bool Overtaker::is_due() const {
  const auto& select = tools_.options.select;
  if (select.after || select.before || select.max_events != 0) return false;
  return tools_.chain.principal() != nullptr && tools_.chain.is_due() &&
         tools_.clock.steady() >= next_look_ && !tools_.clock.stop().requested();
}

void Overtaker::look(const Paths& under_way, std::uint64_t bytes_per_s) {
  bool is_well = false;
  try {
    const auto names = find_news(under_way);
    is_well = names && (names->empty() || bring(*names, bytes_per_s));
  } catch (const Error& error) {
    if (error.kind() == Kind::io || error.kind() == Kind::internal) throw;
    k_log.debug(cat("what is new cannot overtake: ", error.what()));
  }
  next_look_ = tools_.clock.steady() + tools_.options.poll.ttl * (is_well ? 1 : k_rests_after_trouble);
}

// Nothing if there is no principal that could be believed.
std::optional<std::vector<std::string>> Overtaker::find_news(const Paths& under_way) {
  const auto& chain = tools_.chain;
  const auto& known = *chain.principal();
  const auto result =
      probe_.look(tools_.transport, chain.source(), chain.name_of(chain.levels().front()).file());
  if (!result.facts || result.facts->dirtymark != known.dirtymark) return {};
  const auto& newest = result.facts->newest;
  if (!newest || !is_believable(newest, tools_.clock.now())) return {};
  auto floor = known.newest;
  if (!floor || (brought_ && *floor < *brought_)) floor = brought_;
  Paths decided;  // the newest event of a path says what it is
  std::vector<std::string> names;
  const auto most = tools_.options.connect.max_files_per_connection;
  upstream::IndexCache::each_event(result.file, [&](const EventRow& row) {
    if (names.size() >= most || (floor && row.epoch() <= floor->view())) return;
    std::string path(row.path());
    if (!decided.insert(path).second || row.type != EventType::new_ || under_way.contains(path)) return;
    if (is_wanted(path)) names.push_back(std::move(path));
  });
  // What is under way may be another version by now, and is looked at by the next pass.
  brought_ = newest;
  return names;
}

bool Overtaker::is_wanted(const std::string& path) const {
  const auto& options = tools_.options;
  const auto parsed = RelPath::parse(path, tools_.chain.bookkeeping());
  return parsed && options.select.filter.wants(path) && !options.files.late.match(path) &&
         !target::InnerTrees(tools_.target).cover(path) && !tools_.target.link_in_the_way(parsed->parent());
}

bool Overtaker::bring(const std::vector<std::string>& names, std::uint64_t bytes_per_s) {
  const auto limit = tools_.options.select.max_file_size;
  const auto& interval = tools_.chain.levels().front().interval.spec();
  const auto result =
      fetch_paths(names, tools_.target, tools_.chain.bookkeeping(), tools_.transport, tools_.journal,
                  {.bytes_per_s = bytes_per_s,
                   .max_file_bytes = limit == 0 ? k_largest_bytes : std::min(limit, k_largest_bytes),
                   .time_limit = k_time_limit});
  ++tools_.report.connections;
  if (result.transferred > 0) tools_.progress.note_written();
  for (const auto& path : result.came) {
    ++tools_.report.transferred;
    tools_.hooks.arrived(interval, path);
    tools_.observer.file_synced(interval, path, false);
  }
  tools_.hooks.batch_ended();
  return !result.problem;
}

}  // namespace recentd::mirror
