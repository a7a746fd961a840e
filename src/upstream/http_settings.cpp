#include "upstream/http_settings.hpp"

namespace recentd::upstream {
namespace {

constexpr std::size_t k_usual_connections = 4;  // more had clients banned elsewhere

}  // namespace

http::HttpSettings http_settings(const ConnectOptions& options) {
  http::HttpSettings settings;
  settings.client = {.silence = options.rsync_timeout,
                     .stall = {options.stall_timeout, options.min_rate},
                     .http2 = options.http.version == HttpOptions::Version::http2,
                     .ca_file = options.http.ca_file,
                     .client_cert = options.http.client_cert,
                     .client_key = options.http.client_key,
                     .proxy = options.http.proxy,
                     .connections = options.connections.value_or(k_usual_connections)};
  settings.netrc = options.http.netrc;
  settings.redirects_anywhere = options.http.redirects == HttpOptions::Redirects::any;
  settings.password = options.password;
  settings.password_file = options.password_file;
  return settings;
}

}  // namespace recentd::upstream
