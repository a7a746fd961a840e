#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <recentd/clock.hpp>
#include <recentd/mirror_options.hpp>

#include "target/target_directory.hpp"
#include "upstream/make_transport.hpp"
#include "upstream/poll/news_check.hpp"
#include "upstream/upstreams.hpp"

namespace recentd::mirror {

// A mirror's sources with all that is needed to ask them, and who is polled in their place, if anybody is.
class Sources {
 public:
  // All must outlive it. Throws Error as upstream::make_transport().
  Sources(const MirrorOptions& options, const target::TargetDirectory& directory, sys::ProcessRunner& runner,
          Clock& clock);
  Sources(const Sources&) = delete;
  Sources& operator=(const Sources&) = delete;

  [[nodiscard]] upstream::Upstreams& upstreams() noexcept { return *upstreams_; }
  // On a transport, worth telling once; empty if there is nothing.
  [[nodiscard]] const std::string& remark() const noexcept { return remark_; }

 private:
  void make_upstreams();
  void make_news_check(Clock& clock);
  [[nodiscard]] upstream::TransportTools tools();

  const MirrorOptions& options_;
  const target::TargetDirectory& directory_;
  sys::ProcessRunner& runner_;
  const Stop& stop_;
  std::string remark_;
  std::mutex mutex_;
  std::shared_ptr<http::Workshop> workshop_;  // of all that comes over HTTP; made when it is needed
  std::vector<std::unique_ptr<transport::Transport>> transports_;
  std::unique_ptr<upstream::NewsCheck> news_check_;
  std::unique_ptr<upstream::Upstreams> upstreams_;
};

}  // namespace recentd::mirror
