#include "upstream/upstreams.hpp"

#include <algorithm>

namespace recentd::upstream {
namespace {

using transport::Outcome;

bool arrived(Outcome outcome) {
  return outcome == Outcome::transferred || outcome == Outcome::unchanged;
}

// Asks there for what has vanished or failed, and takes over what arrives.
void fill_gaps(transport::Transport& fallback, const transport::FetchRequest& request,
               transport::FetchResult& result) {
  auto again = request;
  again.names.clear();
  again.expected.clear();
  std::vector<std::size_t> of;
  for (std::size_t i = 0; i < request.names.size(); ++i) {
    const auto outcome = result.outcomes[i];
    if (outcome != Outcome::vanished && outcome != Outcome::failed && outcome != Outcome::differs) continue;
    if (!request.expected.empty()) again.expected.push_back(request.expected[i]);
    again.names.push_back(request.names[i]);
    of.push_back(i);
  }
  if (of.empty()) return;
  const auto more = fallback.fetch(again);
  for (std::size_t k = 0; k < of.size(); ++k) {
    if (!arrived(more.outcomes[k])) continue;
    result.outcomes[of[k]] = more.outcomes[k];
    result.messages[of[k]].clear();
  }
}

}  // namespace

transport::FetchResult Upstreams::fetch(const transport::FetchRequest& request) {
  auto result = current().transport->fetch(request);
  if (request.kind != transport::FetchRequest::Kind::content || result.problem) return result;
  const auto as_of = Epoch::parse(request.as_of);
  const auto able = std::find_if(fallbacks_.begin(), fallbacks_.end(),
                                 [&](const Fallback& other) { return as_of && other.newest >= *as_of; });
  if (able != fallbacks_.end()) fill_gaps(*upstreams_[able->upstream].transport, request, result);
  return result;
}

}  // namespace recentd::upstream
