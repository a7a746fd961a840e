#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <recentd/path.hpp>

#include "mirror/plan/level_scan.hpp"
#include "target/transfer_journal.hpp"
#include "transport/transport.hpp"

namespace recentd::mirror {

// One event of a batch, and all that is known of its path while it is settled.
struct BatchItem {
  Step step;
  bool settled = false;              // counts as worked off
  std::optional<RelPath> path = {};  // set: the file is asked for, and what follows is known
  bool existed = false;              // something of that name was here before
  bool suspect = false;              // what is here may be wrong although size and time are right
  bool uncompared = false;           // it should have been compared by content, and the connection broke
  bool differs = false;              // what arrived is not what is recorded
  std::string_view digest = {};      // as recorded
  transport::Outcome outcome = transport::Outcome::not_tried;
  std::string message = {};  // of the outcome; empty for success
};

// What else there is to do while a batch is under way: `once`, and `now_and_then` about each second. Either
// may be empty.
struct Meanwhile {
  std::function<void()> once = {}, now_and_then = {};
};

// Events of one level that are brought into the target together: a value that a Settler fills in, a Fetcher
// transfers, and a Settler judges. The rows of its steps must outlive it.
struct Batch {
  Batch(std::string_view level, std::vector<Step> steps);

  std::string_view interval;  // of the level
  std::vector<BatchItem> items;
  std::vector<std::size_t> wanted;  // those that are asked for
  std::vector<std::size_t> held;    // those that cannot be had, for a reason on this side

  std::optional<target::TransferJournal::Note> note = {};  // of a transfer that was begun
  std::optional<std::string> place = {};           // where the files come to, if not straight into the target
  std::uint64_t bytes_per_s = 0;                   // limit; 0: none
  std::optional<transport::Problem> problem = {};  // the connection broke
  bool broke = false;                              // and so did one before, with which it went on
  std::uint64_t connections = 0;                   // that it took
  std::uint64_t bytes = 0;                         // that came, as far as that is known
  std::chrono::nanoseconds took{0};
  std::function<void()> now_and_then = {};  // for the transport, see FetchRequest
  bool transferred = false;                 // something came over the network
  bool together = false;  // they get their names together, in this order, when all have come
  bool last_try = false;  // what is in the way of a file now is not to be waited for
  // A file did not fit here, and is known by name; it holds its index back. The others may be tried again.
  bool room_wanted = false, open_for_room = false;

  // The connection ended because there was no room here, and for this item.
  [[nodiscard]] bool lacks_room(const BatchItem& item) const;

  // The wanted ones' names, parallel to `wanted`.
  [[nodiscard]] std::vector<std::string> names() const;
  // The steps that are not settled.
  [[nodiscard]] std::vector<Step> open_steps() const;
  // Marks as done what is settled: neighbours that both are make one range, what is open between them keeps
  // it apart. Events of one epoch count together, since a done set cannot tell them apart.
  void register_done(Done& done);
};

}  // namespace recentd::mirror
