#include "upstream/make_transport.hpp"

#include <recentd/error.hpp>

#include "base/text.hpp"
#include "transport/rsync_transport.hpp"
#include "upstream/http_settings.hpp"
#include "upstream/rsync_settings.hpp"

namespace recentd::upstream {

MadeTransport make_transport(const transport::Address& address, const ConnectOptions& options,
                             const TransportTools& tools) {
  if (address.kind == transport::Address::Kind::http) {
    auto settings = http_settings(options);
    settings.workshop = tools.workshop;
    settings.compares_content = tools.compares_content;
    return {std::make_unique<http::HttpTransport>(address, std::move(settings), tools.stop), {}};
  }
  auto settings = rsync_settings(options, tools.inherited_fds);
  if (tools.compares_content) settings.options.emplace_back("checksum");
  auto rsync = std::make_unique<transport::RsyncTransport>(address, std::move(settings), tools.runner);
  auto remark = rsync->remark();
  return {std::move(rsync), std::move(remark)};
}

void demand_rsync(const transport::Address& address, const char* what) {
  if (address.kind != transport::Address::Kind::http) return;
  throw Error(Kind::usage,
              cat("source ", quoted(address.text), ": ", what,
                  " needs rsync; name the same tree as rsync://host/module/directory, by ssh, or as a "
                  "local directory"));
}

}  // namespace recentd::upstream
