#include "mirror/follow/options_check.hpp"

#include <algorithm>

#include <recentd/error.hpp>

#include "base/text.hpp"

namespace recentd::mirror {
namespace {

bool is_http(const transport::Address& address) {
  return address.kind == transport::Address::Kind::http;
}

// A source that is a web server needs no other one to be polled.
void check_poll_url(const MirrorOptions& options) {
  if (options.poll.url.empty()) return;
  const auto address = transport::Address::parse(options.poll.url);
  if (!is_http(address))
    throw Error(Kind::usage, cat("poll-url ", quoted(address.text),
                                 " is no http or https address; name the source's directory as a web server "
                                 "shows it, like https://host/pub"));
  if (std::ranges::all_of(addresses_of(upstream::split_sources(options)), is_http))
    throw Error(Kind::usage, cat("poll-url ", quoted(address.text),
                                 " has no use where each source is polled over HTTP anyway; leave it out"));
}

// Without an index that is shown no state is ever whole, and what is behind links changes under the readers.
void check_publish(const MirrorOptions& options) {
  if (options.publish.link.empty()) return;
  const auto& select = options.select;
  if (select.after || select.before || select.max_events != 0)
    throw Error(Kind::usage,
                "publish does not go with after, before and max, of which no set is whole; leave them out");
  if (options.files.keep_dirlinks)
    throw Error(Kind::usage,
                "publish does not go with keep-dirlinks: what lies behind such a link changes under the "
                "readers; mount "
                "the other disk there instead, or leave one of them out");
}

}  // namespace

std::vector<transport::Address> addresses_of(const std::vector<upstream::SourceSpec>& sources) {
  std::vector<transport::Address> addresses;
  for (const auto& source : sources) addresses.push_back(transport::Address::parse(source.directory));
  return addresses;
}

void check(const MirrorOptions& options) {
  const auto connections = options.connect.connections.value_or(1);
  if (connections == 0 || connections > 32) throw Error(Kind::usage, "connections can be 1 to 32");
  if (options.connect.max_files_per_connection == 0)
    throw Error(Kind::usage, "max-files-per-connection must be at least 1");
  if (options.poll.ttl.count() < 0 || options.poll.sleep_per_connection.count() < 0)
    throw Error(Kind::usage, "ttl and sleep-per-connection must not be negative");
  check_poll_url(options);
  check_publish(options);
}

}  // namespace recentd::mirror
