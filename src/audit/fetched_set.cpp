#include "audit/fetched_set.hpp"

#include <recentd/error.hpp>

#include "base/text.hpp"
#include "sys/file/atomic_file.hpp"
#include "sys/file/bytes.hpp"
#include "sys/process/process.hpp"
#include "sys/tree/dir.hpp"
#include "upstream/level_facts.hpp"
#include "upstream/make_transport.hpp"
#include "upstream/problem_error.hpp"
#include "upstream/source.hpp"

namespace recentd::audit {
namespace {

void demand(const std::optional<transport::Problem>& problem, const std::string& source) {
  if (problem) throw upstream::to_error(*problem, source);
}

std::string link_of(const upstream::SourceSpec& spec) {
  return spec.index && upstream::is_link_name(*spec.index) ? *spec.index : "RECENT.recent";
}

// All that may be a level of its set.
std::vector<std::string> levels_listed(const std::vector<std::string>& listed) {
  std::vector<std::string> names;
  for (const auto& name : listed) {
    const auto level = split_level_name(name);
    if (level && level->file() == name && Interval::parse(level->interval) &&
        codec::format_of_suffix(level->suffix))
      names.push_back(name);
  }
  return names;
}

}  // namespace

std::map<std::string, transport::Outcome> FetchedSet::fetch(transport::Transport& transport,
                                                            std::vector<std::string> names) const {
  transport::FetchRequest request;
  request.names = std::move(names);
  request.destination = scratch_.path();
  request.kind = transport::FetchRequest::Kind::index;
  request.max_file_bytes = ConnectOptions{}.max_index_size;
  const auto result = transport.fetch(request);
  demand(result.problem, transport.describe());
  std::map<std::string, transport::Outcome> outcomes;
  for (std::size_t i = 0; i < request.names.size(); ++i) {
    if (result.outcomes[i] == transport::Outcome::skipped_size)
      throw Error(Kind::corrupt, cat("index ", quoted(request.names[i]), " of source ",
                                     quoted(transport.describe()), " has more than ", request.max_file_bytes,
                                     " bytes, which no index should; tell its operators"));
    outcomes.emplace(request.names[i], result.outcomes[i]);
  }
  return outcomes;
}

// Where nothing can be listed, the principal tells the names. What the server gives for the link is the
// principal itself.
std::vector<std::string> FetchedSet::levels_told(transport::Transport& transport,
                                                 const std::string& first) const {
  const auto path = scratch_.path() + "/" + first;
  if (fetch(transport, {first}).at(first) != transport::Outcome::transferred) return {};
  const auto content = sys::read_file(path);
  const auto parts = split_level_name(first);
  const auto format = parts ? codec::format_of_suffix(parts->suffix) : std::nullopt;
  const auto facts = upstream::inspect(content, format ? *format : codec::sniff(content->view()), path);
  const LevelName principal{facts.filenameroot, facts.interval, facts.suffix};
  const auto interval = Interval::parse(principal.interval);
  if (!interval || levels_listed({principal.file()}).empty())
    throw Error(Kind::corrupt, cat(quoted(first), " of the source does not say which index it is"));
  std::vector<std::string> names;
  for (const auto& level : level_order(*interval, facts.aggregator.value_or(std::vector<std::string>{})))
    names.push_back(LevelName{principal.filenameroot, level.spec(), principal.suffix}.file());
  if (upstream::is_link_name(first)) sys::replace_symlink(path, principal.file(), path + ".new", Fsync::none);
  return names;
}

FetchedSet::FetchedSet(const std::string& source, const ConnectOptions& options, Clock& clock)
    : scratch_(sys::temp_place() + "/recentd-index-") {
  sys::SystemProcessRunner runner(clock.stop());
  const auto spec = upstream::split_source(source);
  const auto made = upstream::make_transport(transport::Address::parse(spec.directory), options,
                                             {.runner = runner, .stop = clock.stop()});
  auto& transport = *made.transport;
  const auto listing = transport.list("*-*.*");
  demand(listing.problem, spec.text);
  auto names = listing.possible ? levels_listed(listing.names)
                                : levels_told(transport, spec.index.value_or("RECENT.recent"));
  if (names.empty())
    throw Error(Kind::missing, cat("source ", quoted(spec.text), " has no index files; check the address"));
  if (listing.possible) names.push_back(link_of(spec));
  fetch(transport, std::move(names));
  layout_ = open_tree(spec.index ? scratch_.path() + "/" + *spec.index : scratch_.path());
}

}  // namespace recentd::audit
