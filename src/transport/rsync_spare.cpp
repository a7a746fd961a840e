// Fetching beside files that are others', too, and have to stay as they are.

#include "sys/file/clone_file.hpp"
#include "sys/tree/remove_tree.hpp"
#include "transport/linked_names.hpp"
#include "transport/rsync_transport.hpp"

namespace recentd::transport {
namespace {

// As much is copied sooner than the other side is asked.
constexpr std::uint64_t k_copied_bytes_max = std::uint64_t{16} << 20;

void make_all_single(const sys::Dir& destination, const FetchRequest& request, const LinkedNames& linked) {
  for (const auto i : linked.places)
    if (const auto path = RelPath::parse(request.names[i], sys::any_name()))
      sys::make_single(destination, *path);
}

}  // namespace

// rsync writes new content into a new file, and changes one that has the right content where it is. Which of
// both it would do only the other side knows; what is the same anyway needs no more.
FetchResult RsyncTransport::fetch_sparing(const FetchRequest& request) {
  const sys::Dir destination(request.destination);
  auto linked = linked_names(destination, request.names);
  if (linked.places.empty()) return fetch_once(request);
  if (linked.bytes <= k_copied_bytes_max) {
    make_all_single(destination, request, linked);
    return fetch_once(request);
  }
  auto look = part_of(request, linked.places);
  look.look_alone = true;
  look.meanwhile = {};
  const auto seen = fetch_once(look);
  FetchResult result;
  result.outcomes.assign(request.names.size(), Outcome::not_tried);
  result.messages.resize(request.names.size());
  result.problem = seen.problem;
  if (result.problem) return result;
  LinkedNames in_place;
  std::vector<bool> same(request.names.size());
  for (std::size_t k = 0; k < linked.places.size(); ++k) {
    const auto i = linked.places[k];
    same[i] = seen.outcomes[k] == Outcome::unchanged;
    if (same[i]) result.outcomes[i] = Outcome::unchanged;
    if (seen.outcomes[k] == Outcome::differs) in_place.places.push_back(i);
  }
  make_all_single(destination, request, in_place);
  std::vector<std::size_t> rest;
  for (std::size_t i = 0; i < same.size(); ++i)
    if (!same[i]) rest.push_back(i);
  if (rest.empty()) return result;
  auto came = fetch_once(part_of(request, rest));
  for (std::size_t k = 0; k < rest.size(); ++k) {
    result.outcomes[rest[k]] = came.outcomes[k];
    result.messages[rest[k]] = std::move(came.messages[k]);
  }
  result.problem = std::move(came.problem);
  return result;
}

}  // namespace recentd::transport
