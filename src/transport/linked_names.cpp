#include "transport/linked_names.hpp"

#include "sys/tree/remove_tree.hpp"

namespace recentd::transport {

LinkedNames linked_names(const sys::Dir& destination, const std::vector<std::string>& names) {
  LinkedNames linked;
  sys::CachedLstat cached(destination);
  for (std::size_t i = 0; i < names.size(); ++i) {
    const auto path = RelPath::parse(names[i], sys::any_name());
    const auto facts = path ? cached.lstat(*path) : std::nullopt;
    if (!facts || facts->type != sys::FileType::regular || facts->links < 2) continue;
    linked.places.push_back(i);
    linked.bytes += facts->size_bytes;
  }
  return linked;
}

FetchRequest part_of(const FetchRequest& request, const std::vector<std::size_t>& places) {
  FetchRequest part{.names = {},
                    .destination = request.destination,
                    .kind = request.kind,
                    .compare = request.compare,
                    .bytes_per_s = request.bytes_per_s,
                    .as_of = request.as_of,
                    .time_limit = request.time_limit,
                    .max_file_bytes = request.max_file_bytes,
                    .apart = request.apart,
                    .meanwhile = request.meanwhile,
                    .now_and_then = request.now_and_then,
                    .below = request.below,
                    .partial_directory = request.partial_directory};
  for (const auto i : places) {
    part.names.push_back(request.names[i]);
    if (!request.expected.empty()) part.expected.push_back(request.expected[i]);
  }
  return part;
}

}  // namespace recentd::transport
