#include "upstream/problem_error.hpp"

#include "base/text.hpp"

namespace recentd::upstream {

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
      return Error(Kind::transport, text + "; is the upstream up?");
    case Nature::busy:
      return Error(Kind::transport, text + "; try again later");
    default:
      return Error(Kind::transport, text);
  }
}

}  // namespace recentd::upstream
