#include "audit/fetched_set.hpp"

#include <recentd/error.hpp>
#include <recentd/mirror_options.hpp>

#include "base/text.hpp"
#include "sys/process/process.hpp"
#include "sys/tree/dir.hpp"
#include "upstream/problem_error.hpp"
#include "upstream/source.hpp"

namespace recentd::audit {
namespace {

void demand(const std::optional<transport::Problem>& problem, const std::string& source) {
  if (problem) throw upstream::to_error(*problem, source);
}

// The link, and all that may be a level of its set.
std::vector<std::string> names_at(transport::RsyncTransport& rsync, const upstream::SourceSpec& spec) {
  auto listing = rsync.list("*-*.*");
  demand(listing.problem, spec.text);
  std::vector<std::string> names;
  for (auto& name : listing.names) {
    const auto level = split_level_name(name);
    if (level && level->file() == name && Interval::parse(level->interval) &&
        codec::format_of_suffix(level->suffix))
      names.push_back(std::move(name));
  }
  if (names.empty())
    throw Error(Kind::missing, cat("source ", quoted(spec.text), " has no index files; check the address"));
  names.push_back(spec.index && upstream::is_link_name(*spec.index) ? *spec.index : "RECENT.recent");
  return names;
}

}  // namespace

FetchedSet::FetchedSet(const std::string& source, const transport::RsyncSettings& settings, Clock& clock)
    : scratch_(sys::temp_place() + "/recentd-index-") {
  sys::SystemProcessRunner runner(clock.stop());
  const auto spec = upstream::split_source(source);
  transport::RsyncTransport rsync(transport::Address::parse(spec.directory), settings, runner);
  transport::FetchRequest request;
  request.names = names_at(rsync, spec);
  request.destination = scratch_.path();
  request.kind = transport::FetchRequest::Kind::index;
  request.max_file_bytes = ConnectOptions{}.max_index_size;
  const auto result = rsync.fetch(request);
  demand(result.problem, spec.text);
  for (std::size_t i = 0; i < request.names.size(); ++i)
    if (result.outcomes[i] == transport::Outcome::skipped_size)
      throw Error(Kind::corrupt, cat("index ", quoted(request.names[i]), " of source ", quoted(spec.text),
                                     " has more than ", request.max_file_bytes, " bytes"));
  layout_ = open_tree(spec.index ? scratch_.path() + "/" + *spec.index : scratch_.path());
}

}  // namespace recentd::audit
