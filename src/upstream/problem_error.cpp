#include "upstream/problem_error.hpp"

#include "base/text.hpp"

namespace recentd::upstream {
namespace {

// Manuals have such hosts, and nobody else ever will (RFC 2606).
bool is_from_a_manual(std::string_view url) {
  auto host = url.substr(url.find("://") + 3);
  host = host.substr(0, host.find_first_of("/?#"));
  host = host.substr(host.rfind('@') + 1);
  host = host.substr(0, host.find(':'));
  for (const std::string_view name : {"example.org", "example.com", "example.net"})
    if (host == name || (host.ends_with(name) && host[host.size() - name.size() - 1] == '.')) return true;
  return false;
}

}  // namespace

Error to_error(const transport::Problem& problem, const std::string& source) {
  using Nature = transport::Problem::Nature;
  const bool http = source.starts_with("http://") || source.starts_with("https://");
  const auto text = cat("source ", quoted(source), ": ", problem.message);
  switch (problem.nature) {
    case Nature::missing:
      return Error(Kind::missing, text + "; check module and directory");
    case Nature::authentication:
      return Error(Kind::transport,
                   text + (http ? "; write https://USER@HOST/..., and give --password-file, or --netrc"
                                : "; check the user name and RSYNC_PASSWORD or --password-file"));
    case Nature::local:
      return Error(Kind::io, text);
    case Nature::unreachable:
      if (http && is_from_a_manual(source))
        return Error(Kind::usage,
                     text + "; its host's name is one for examples: write that of your upstream");
      return Error(Kind::transport, text + "; is the upstream up?");
    case Nature::busy:
      return Error(Kind::transport, text + "; try again later");
    default:
      return Error(Kind::transport, text);
  }
}

}  // namespace recentd::upstream
