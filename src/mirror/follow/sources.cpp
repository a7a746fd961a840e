#include "mirror/follow/sources.hpp"

#include <random>

#include "sys/process/identity.hpp"

namespace recentd::mirror {

Sources::Sources(const MirrorOptions& options, const target::TargetDirectory& directory,
                 sys::ProcessRunner& runner, Clock& clock)
    : options_(options), directory_(directory), runner_(runner), stop_(clock.stop()) {
  make_upstreams();
  if (!options_.poll.url.empty()) make_news_check(clock);
}

upstream::TransportTools Sources::tools() {
  upstream::TransportTools tools{.runner = runner_,
                                 .stop = stop_,
                                 .inherited_fds = {directory_.lock_fd()},
                                 .compares_content = options_.places.checksum,
                                 .files = options_.files};
  // Not before it is needed, as the target may be refused until then.
  tools.workshop = [this] {
    const std::lock_guard lock(mutex_);
    if (!workshop_)
      workshop_ = std::make_shared<http::Workshop>(directory_.private_directory() + "/parts", sys::boot_id());
    return workshop_;
  };
  return tools;
}

void Sources::make_upstreams() {
  std::vector<upstream::Upstreams::Upstream> all;
  for (const auto& source : upstream::split_sources(options_)) {
    const auto address = transport::Address::parse(source.directory);
    auto made = upstream::make_transport(address, options_.connect, tools());
    if (remark_.empty()) remark_ = std::move(made.remark);
    transports_.push_back(std::move(made.transport));
    all.push_back({source, transports_.back().get()});
  }
  upstreams_ = std::make_unique<upstream::Upstreams>(std::move(all));
}

// What opens a source is not shown to another server.
void Sources::make_news_check(Clock& clock) {
  const auto& poll = options_.poll;
  auto connect = options_.connect;
  connect.password.reset();
  connect.password_file.clear();
  const auto address = transport::Address::parse(poll.url);
  auto made = upstream::make_transport(address, connect, tools());
  const upstream::PollTrust::Times times{
      {poll.retry_first, poll.retry_longest}, poll.probe_interval, poll.max_lag};
  news_check_ =
      std::make_unique<upstream::NewsCheck>(std::move(made.transport), directory_.index_directory() + "/poll",
                                            times, connect.max_index_size, std::random_device()(), clock);
  upstreams_->set_news_check(*news_check_);
}

}  // namespace recentd::mirror
