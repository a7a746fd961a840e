#include "mirror/transfer/destinations.hpp"

#include <map>
#include <utility>

namespace recentd::mirror {
namespace {

using Places = std::vector<std::size_t>;           // in the request's names
using Link = std::pair<std::string, std::string>;  // and where it leads; both empty: the target itself

std::map<Link, Places> by_link(const sys::Dir& target, const std::vector<std::string>& names) {
  std::map<Link, Places> parts;
  for (std::size_t i = 0; i < names.size(); ++i)
    parts[target.links()->above(names[i]).value_or(Link())].push_back(i);
  return parts;
}

}  // namespace

transport::FetchResult fetch_into(const sys::Dir& target, transport::Transport& transport,
                                  const transport::FetchRequest& request, std::uint64_t& connections) {
  const auto whole = [&] {
    ++connections;
    return transport.fetch(request);
  };
  if (target.links() == nullptr) return whole();
  const auto parts = by_link(target, request.names);
  if (parts.empty() || (parts.size() == 1 && parts.begin()->first.first.empty())) return whole();
  transport::FetchResult result;
  result.outcomes.assign(request.names.size(), transport::Outcome::not_tried);
  result.messages.resize(request.names.size());
  auto part = request;
  for (const auto& [link, places] : parts) {
    part.below = link.first;
    part.destination = link.first.empty() ? request.destination : link.second;
    part.names.clear();
    part.expected.clear();
    for (const auto i : places) {
      part.names.push_back(request.names[i].substr(link.first.empty() ? 0 : link.first.size() + 1));
      if (!request.expected.empty()) part.expected.push_back(request.expected[i]);
    }
    ++connections;
    auto came = transport.fetch(part);
    for (std::size_t k = 0; k < places.size(); ++k) {
      result.outcomes[places[k]] = came.outcomes[k];
      result.messages[places[k]] = std::move(came.messages[k]);
    }
    result.problem = std::move(came.problem);
    if (result.problem) break;
    part.meanwhile = {};
  }
  return result;
}

}  // namespace recentd::mirror
