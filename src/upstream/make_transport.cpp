#include "upstream/make_transport.hpp"

#include "sys/process/identity.hpp"
#include "transport/rsync_transport.hpp"
#include "upstream/rsync_settings.hpp"

namespace recentd::upstream {
namespace {

constexpr std::size_t k_usual_connections = 4;  // more had clients banned elsewhere

}  // namespace

sys::Modes modes_of_web_files(const ModeRules& rules) {
  return [rules, umask = sys::own_umask(), root = sys::is_root()](unsigned mode, bool directory) {
    constexpr unsigned k_own = 0700;
    constexpr unsigned k_read_file = 0444, k_read_directory = 0555;
    const auto ruled = rules.apply(mode | (directory ? k_read_directory : k_read_file), directory, umask);
    return directory && !root ? ruled | k_own : ruled;
  };
}

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

namespace {

std::unique_ptr<http::HttpTransport> make_http(const transport::Address& address,
                                               const ConnectOptions& options, const TransportTools& tools) {
  auto settings = http_settings(options);
  settings.workshop = tools.workshop;
  settings.compares_content = tools.compares_content;
  if (tools.files) settings.keep_dirlinks = tools.files->keep_dirlinks;
  if (tools.files) settings.modes = modes_of_web_files(tools.files->chmod);
  return std::make_unique<http::HttpTransport>(address, std::move(settings), tools.stop);
}

std::unique_ptr<transport::RsyncTransport> make_rsync(const transport::Address& address,
                                                      const ConnectOptions& options,
                                                      const TransportTools& tools) {
  auto settings = rsync_settings(options, tools.inherited_fds);
  if (tools.compares_content) settings.options.emplace_back("checksum");
  if (tools.files) {
    settings.hard_links = tools.files->hard_links;
    settings.chmod = chmod_for_rsync(tools.files->chmod, sys::own_umask(), sys::is_root());
  }
  return std::make_unique<transport::RsyncTransport>(address, std::move(settings), tools.runner);
}

bool is_http(const transport::Address& address) {
  return address.kind == transport::Address::Kind::http;
}

}  // namespace

MadeTransport make_transport(const transport::Address& address, const ConnectOptions& options,
                             const TransportTools& tools) {
  if (is_http(address)) return {make_http(address, options, tools), {}};
  auto rsync = make_rsync(address, options, tools);
  auto remark = rsync->remark();
  return {std::move(rsync), std::move(remark)};
}

std::unique_ptr<transport::Comparer> make_comparer(const transport::Address& address,
                                                   const ConnectOptions& options,
                                                   const TransportTools& tools) {
  if (is_http(address)) return make_http(address, options, tools);
  return make_rsync(address, options, tools);
}

}  // namespace recentd::upstream
