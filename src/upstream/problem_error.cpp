#include "upstream/problem_error.hpp"

#include <string>

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

// The command that shows whether ssh gets to the host of [USER@]HOST:DIR, where HOST may stand in brackets.
std::string ssh_words(const std::string& source) {
  const auto bracket = source.find("]:");
  auto host = source.substr(0, source.find(':', bracket == std::string::npos ? 0 : bracket));
  std::erase_if(host, [](char c) { return c == '[' || c == ']'; });
  return cat("`ssh ", escaped(host), " true`");
}

bool is_of_ssh(transport::Problem::Nature nature) {
  return nature == transport::Problem::Nature::ssh_key || nature == transport::Problem::Nature::ssh_host;
}

}  // namespace

Error to_error(const transport::Problem& problem, const std::string& source) {
  using Nature = transport::Problem::Nature;
  const bool http = source.starts_with("http://") || source.starts_with("https://");
  const auto text = cat("source ", quoted(source), ": ", problem.message);
  // A daemon may say what ssh says; there is no key to speak of then.
  const bool no_ssh = source.find("://") != std::string::npos ||
                      (source.find("::") != std::string::npos && source.find('[') == std::string::npos);
  switch (no_ssh && is_of_ssh(problem.nature) ? Nature::authentication : problem.nature) {
    case Nature::missing:
      return Error(Kind::missing, text + "; check module and directory");
    case Nature::authentication:
      return Error(Kind::transport,
                   text + (http ? "; write https://USER@HOST/..., and give --password-file, or --netrc"
                                : "; check the user name and RSYNC_PASSWORD or --password-file"));
    case Nature::ssh_key:
      return Error(Kind::transport,
                   text + "; ssh must come in without a question: as the user that runs this, try " +
                       ssh_words(source) + ", and have that user's public key added at the upstream");
    case Nature::ssh_host:
      return Error(Kind::transport,
                   text +
                       "; compare the host's key with what its operator tells, then take it up once, as the "
                       "user that runs this: " +
                       ssh_words(source));
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
