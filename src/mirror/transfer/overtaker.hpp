#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <recentd/clock.hpp>
#include <recentd/epoch.hpp>
#include <recentd/mirror_options.hpp>
#include <recentd/mirror_report.hpp>
#include <recentd/observer.hpp>

#include "mirror/hook_points.hpp"
#include "state/progress.hpp"
#include "sys/tree/dir.hpp"
#include "target/transfer_journal.hpp"
#include "transport/transport.hpp"
#include "upstream/chain.hpp"
#include "upstream/probe.hpp"

namespace recentd::mirror {

// Brings what is new at the upstream past a transfer that takes long, over a connection of its own:
// recentd-mirror(7), What overtakes. It brings content and nothing else: no event counts as worked off and no
// index is shown, so the next look at the principal settles, at the cost of a comparison, whatever else is
// told of these files.
class Overtaker {
 public:
  struct Tools {
    const MirrorOptions& options;
    const sys::Dir& target;
    const upstream::Chain& chain;
    transport::Transport& transport;
    target::TransferJournal& journal;
    state::Progress& progress;
    HookPoints& hooks;
    Observer& observer;
    Clock& clock;
    MirrorReport& report;
  };
  // What is referred to must outlive it. `probe` is for looks at the upstream that is followed.
  Overtaker(const Tools& tools, upstream::Probe probe) : tools_(tools), probe_(std::move(probe)) {}

  // Whether the principal is due, so that look() would ask the upstream.
  [[nodiscard]] bool is_due() const;
  // Asks the upstream, and brings the files that it names first now, but for those that are under way.
  // Trouble with it is no matter: the next pass meets it, too. Throws Error{io} for this side.
  using Paths = std::set<std::string, std::less<>>;
  void look(const Paths& under_way, std::uint64_t bytes_per_s);

 private:
  [[nodiscard]] std::optional<std::vector<std::string>> find_news(const Paths& under_way);
  [[nodiscard]] bool is_wanted(const std::string& path) const;
  bool bring(const std::vector<std::string>& names, std::uint64_t bytes_per_s);

  Tools tools_;
  upstream::Probe probe_;
  std::chrono::nanoseconds next_look_{0};
  std::optional<Epoch> brought_;  // all that was news until then
};

}  // namespace recentd::mirror
