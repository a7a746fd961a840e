#include <recentd/error.hpp>
#include <recentd/recentfile.hpp>

#include "sys/process/process.hpp"
#include "upstream/make_transport.hpp"
#include "upstream/problem_error.hpp"

namespace recentd {

namespace {

Rsync::Outcome public_outcome(transport::Outcome outcome) {
  switch (outcome) {
    case transport::Outcome::transferred:
      return Rsync::Outcome::transferred;
    case transport::Outcome::unchanged:
      return Rsync::Outcome::unchanged;
    case transport::Outcome::vanished:
      return Rsync::Outcome::vanished;
    case transport::Outcome::skipped_link:
    case transport::Outcome::skipped_kind:
    case transport::Outcome::skipped_size:
      return Rsync::Outcome::skipped;
    default:
      return Rsync::Outcome::failed;
  }
}

}  // namespace

struct Rsync::Impl {
  Impl(const std::string& source, const std::vector<std::string>& options)
      : transport(upstream::make_transport(transport::Address::parse(source), {.rsync_options = options},
                                           {.runner = runner})
                      .transport) {}
  sys::SystemProcessRunner runner;
  std::unique_ptr<transport::Transport> transport;
};

Rsync::Rsync(const std::string& source, const std::vector<std::string>& options)
    : impl_(std::make_unique<Impl>(source, options)) {}
Rsync::~Rsync() = default;

std::vector<Rsync::Fetched> Rsync::fetch(const std::vector<std::string>& names,
                                         const std::string& directory) {
  transport::FetchRequest request;
  request.names = names;
  request.destination = directory;
  const auto result = impl_->transport->fetch(request);
  if (result.problem) throw upstream::to_error(*result.problem, impl_->transport->describe());
  std::vector<Fetched> out;
  for (std::size_t i = 0; i < names.size(); ++i)
    out.push_back({names[i], public_outcome(result.outcomes[i]), result.messages[i]});
  return out;
}

}  // namespace recentd
