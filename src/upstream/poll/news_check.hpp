#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <recentd/clock.hpp>

#include "base/log_throttle.hpp"
#include "sys/tree/dir.hpp"
#include "transport/transport.hpp"
#include "upstream/level_facts.hpp"
#include "upstream/poll/poll_trust.hpp"

namespace recentd::upstream {

// Asks a web server that shows the source's tree, too, whether the principal is still the one that is here,
// so that the source is asked only if it is not: recentd-mirror(7), Polling by HTTP. What it shows is never
// taken over, and whatever is wrong with it, the source is asked. Not for use from two threads.
class NewsCheck {
 public:
  // `directory`: for its own use; it is made when it is needed. `bytes_max`: no larger principal is looked
  // at. The clock must outlive it.
  NewsCheck(std::unique_ptr<transport::Transport> server, std::string directory, PollTrust::Times times,
            std::uint64_t bytes_max, std::uint64_t seed, Clock& clock);

  // True if what the server has under `name` is what lies at `copy`, and may be believed; else the caller
  // asks the source. Throws Error{io} for the local side.
  bool says_no_news(const std::string& name, const std::string& copy);

 private:
  struct Look {
    OnShow what = OnShow::nothing;
    std::string message = {};  // what is wrong with it
    PollTrust::Time pause{0};  // that it wishes
  };
  [[nodiscard]] Look look(const std::string& name, const std::string& copy);
  [[nodiscard]] Look compare(const std::string& shown, const std::string& copy);
  void tell(const Look& look, PollTrust::Time wrong_for);

  std::unique_ptr<transport::Transport> server_;
  std::string directory_;
  PollTrust trust_;
  std::uint64_t bytes_max_;
  Clock& clock_;
  LogThrottle trouble_;
  // Two files that were the same when they were compared.
  std::optional<std::pair<sys::FileFacts, sys::FileFacts>> same_;
};

}  // namespace recentd::upstream
