#include "mirror/transfer/guarded_transport.hpp"

namespace recentd::mirror {

transport::FetchResult GuardedTransport::fetch(const transport::FetchRequest& request) {
  demand_same();
  auto result = transport_.fetch(request);
  demand_same();
  return result;
}

transport::RangesResult GuardedTransport::fetch_ranges(const transport::RangesRequest& request) {
  demand_same();
  auto result = transport_.fetch_ranges(request);
  demand_same();
  return result;
}

transport::Transport::Listing GuardedTransport::list(const std::string& pattern) {
  demand_same();
  auto listing = transport_.list(pattern);
  demand_same();
  return listing;
}

bool GuardedTransport::has_no_news(const std::string& name, const std::string& copy) {
  demand_same();
  const bool none = transport_.has_no_news(name, copy);
  demand_same();
  return none;
}

}  // namespace recentd::mirror
