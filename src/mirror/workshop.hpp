#pragma once

#include <recentd/mirror.hpp>
#include <recentd/observer.hpp>
#include <recentd/path.hpp>

#include "mirror/follow/hooks.hpp"
#include "mirror/plan/level_scan.hpp"
#include "state/mirror_state.hpp"
#include "sys/tree/dir.hpp"
#include "target/transfer_journal.hpp"
#include "transport/transport.hpp"

namespace recentd::mirror {

// What the steps of a pass share. References are the engine's; none is owned here.
struct Workshop {
  const MirrorOptions& options;
  const sys::Dir& target;
  transport::Transport& transport;
  Clock& clock;
  Observer& observer;
  Bookkeeping& bookkeeping;
  state::MirrorState& state;
  Pending& pending;
  MirrorReport& report;
  Hooks* hooks;  // nullptr: none
  target::TransferJournal& journal;
};

}  // namespace recentd::mirror
